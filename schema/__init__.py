"""The graph: the domain's only face. It knows Strawberry and app.domain; neither SQL nor HTTP."""
