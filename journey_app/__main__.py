"""`python -m journey_app …`"""

from journey_app.cli.main import main

if __name__ == "__main__":
    main()
