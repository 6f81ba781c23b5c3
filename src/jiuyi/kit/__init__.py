"""How pages look: templates, one style sheet, icons and the gallery. No medical rule lives here."""
