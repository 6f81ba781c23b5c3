"""What any careful institution needs, with not one medical word in it."""
