"""The village doctor: a van full of people booked at the hospital on one screen."""
