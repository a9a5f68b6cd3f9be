"""Missing persons and who was found: compared each night, judged by two people, concluded by an officer."""
