"""Streamlit that is not a page: ask() (the one cache), md(), require(), pickers, explaining().

Receives   what pages choose. Hands on   answers and pictures on the screen.
May touch  Streamlit, and the workspace through its door.
"""
