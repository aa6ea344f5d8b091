"""The assessments API, case by case (contracts/assessments.md §9)."""
