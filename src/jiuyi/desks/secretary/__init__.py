"""The department secretary's desk: one week on one screen, and the standing timetable behind it."""
