"""Streamlit that is not a page: ask() (the one cache), md(), require(), pickers, explaining().

Receives   what pages choose.
Hands on   answers and pictures on the screen.
May touch  Streamlit, and the workspace through its door.
"""

from journey_app.ui import cards as cards
from journey_app.ui import goal_form as goal_form
from journey_app.ui import markup as markup
from journey_app.ui import sharing as sharing
from journey_app.ui import sprint_cards as sprint_cards
from journey_app.ui import sprint_form as sprint_form
from journey_app.ui import sprint_review as sprint_review
from journey_app.ui import sprinting as sprinting
from journey_app.ui.asking import ask as ask
from journey_app.ui.besides import beside_the_funnel as beside_the_funnel
from journey_app.ui.code import the_same_in_code as the_same_in_code
from journey_app.ui.door import admit as admit
from journey_app.ui.door import may_write as may_write
from journey_app.ui.door import me as me
from journey_app.ui.door import require as require
from journey_app.ui.door import wall as wall
from journey_app.ui.explaining import explaining as explaining
from journey_app.ui.explaining import say as say
from journey_app.ui.frame import data_behind as data_behind
from journey_app.ui.frame import known_columns as known_columns
from journey_app.ui.frame import picture as picture
from journey_app.ui.frame import table as table
from journey_app.ui.frame import table_behind as table_behind
from journey_app.ui.goal_strip import goal_of as goal_of
from journey_app.ui.goal_strip import standing as standing
from journey_app.ui.links import field_of as field_of
from journey_app.ui.links import first_step as first_step
from journey_app.ui.links import focused_step as focused_step
from journey_app.ui.links import go_to as go_to
from journey_app.ui.links import open_funnel as open_funnel
from journey_app.ui.links import opens_as_funnel as opens_as_funnel
from journey_app.ui.links import picked_link as picked_link
from journey_app.ui.links import stage_of as stage_of
from journey_app.ui.links import step_and_fate as step_and_fate
from journey_app.ui.markdown import md as md
from journey_app.ui.people import names_behind as names_behind
from journey_app.ui.people import people_behind as people_behind
from journey_app.ui.people import pick_row as pick_row
from journey_app.ui.pickers import event_names as event_names
from journey_app.ui.pickers import pick_from as pick_from
from journey_app.ui.pickers import pick_one as pick_one
from journey_app.ui.pickers import pick_steps as pick_steps
from journey_app.ui.pickers import pick_window as pick_window
from journey_app.ui.pickers import window_days as window_days
from journey_app.ui.saving import resolve as resolve
from journey_app.ui.saving import save as save
from journey_app.ui.sprinting import plan_from as plan_from
