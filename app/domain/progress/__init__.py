"""Progress: what people's own ways through course instances leave behind."""
