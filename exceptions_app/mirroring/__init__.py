"""Cases and their counterparts elsewhere: what a platform says, and what is put right (Y1, Y2, Y4)."""
