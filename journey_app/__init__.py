"""Customer journeys, measured from the exports a small team already has.

As a library, in a notebook:

    from journey_app import workspace
    from journey_app.analysis.funnel import funnel

    space = workspace.open_workspace("default")
    funnel(space.events(), ["Trial started", "Project created", "Paid"])
"""
