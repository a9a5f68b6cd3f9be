"""What is recorded of every act. Pure: values only."""
