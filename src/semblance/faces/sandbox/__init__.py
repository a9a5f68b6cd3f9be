"""Photos from outside are decoded in processes of their own, which hold nothing worth having and may die."""
