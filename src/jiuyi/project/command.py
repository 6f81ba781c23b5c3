"""The ``jiuyi`` command: one small file per subcommand, imported only when it is asked for."""

import argparse
import sys
from importlib import import_module

SUBCOMMANDS = {
    "up": "start everything on this machine: database, web, worker",
    "doctor": "say what is wrong with this installation and how to mend it",
    "catalogue": "the state of every catalogue item, from the last test run",
    "migrate": "bring the database to this version",
    "demo": "load the demo consortium",
    "worker": "run the worker alone",
    "verify": "add up every place of every session; exit code 1 on any difference",
    "paper-lists": "write today's lists as PDF now",
    "database": "print the address of this installation's database, or dump and restore it",
    "manage": "Django's own commands",
}


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; the result is the exit code."""
    title = "Jiuyi (就医): the open patient-service platform for a regional hospital group"
    parser = argparse.ArgumentParser(prog="jiuyi", description=title)
    choices = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    given = sys.argv[1:] if arguments is None else arguments
    wanted = next((word for word in given if not word.startswith("-")), None)
    for name, text in SUBCOMMANDS.items():
        subparser = choices.add_parser(name, help=text, description=text, add_help=name != "manage")
        if name == wanted:
            module = import_module(f"jiuyi.project.commands.{name.replace('-', '_')}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    if wanted == "manage":
        return import_module("jiuyi.project.commands.manage").passthrough(given[given.index("manage") + 1 :])
    options = parser.parse_args(given)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except RuntimeError as problem:
        print(f"jiuyi {wanted}: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
