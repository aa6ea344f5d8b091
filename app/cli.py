"""The command line `campusgraph`: what an operator does to an installation."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from app.commands import backups, clients, databases, demo, documents, exports, files, interfaces, people, serving
from app.errors import ConfigurationError, DomainError, RuleBroken

FAILED, INTERRUPTED = 2, 130

HELP = """A GraphQL API over a unified LMS model, with REST routes compatible with five systems.

The database is the one that --database-url or CAMPUSGRAPH_DATABASE_URL names, else var/campusgraph.sqlite3. Every
command has examples in its --help.

\b
A first look:
  campusgraph serve --demo
\b
A real installation:
  export CAMPUSGRAPH_DATABASE_URL=postgresql+asyncpg://campus@localhost/campus
  campusgraph migrate
  campusgraph import oulad ~/Downloads/oulad
  campusgraph user create root --email root@example.edu --staff
  campusgraph token create root --scope read --scope write --scope admin --expires-in 90d
  campusgraph serve --workers 4
"""


def _group(help: str) -> typer.Typer:
    return typer.Typer(help=help, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


commands = _group(HELP)
user, token = _group("Make accounts, set passwords."), _group("Make, list, revoke, prune tokens.")
schema, client = _group("Print and check the schema."), _group("Register, list, revoke OAuth clients.")
export = _group("Write data to files.")
stored = _group("Look after the object store.")
registered = _group("Register GraphQL documents.")

commands.command()(serving.serve)
commands.command()(serving.worker)
commands.command()(databases.migrate)
commands.command()(demo.demo)
commands.command()(backups.backup)
commands.command()(backups.restore)
commands.command("import")(databases.import_)
commands.add_typer(export, name="export")
commands.add_typer(user, name="user")
commands.add_typer(token, name="token")
commands.add_typer(client, name="client")
commands.add_typer(schema, name="schema")
commands.add_typer(stored, name="files")
commands.add_typer(registered, name="documents")
commands.command()(interfaces.openapi)
commands.command()(interfaces.routes)
commands.command()(interfaces.explain)
export.command("gradebook")(exports.export_gradebook)
user.command("create")(people.create_user)
user.command("password")(people.set_password)
token.command("create")(people.create_token)
token.command("list")(people.list_tokens)
token.command("revoke")(people.revoke_token)
token.command("prune")(people.prune_tokens)
client.command("create")(clients.create_client)
client.command("list")(clients.list_clients)
client.command("revoke")(clients.revoke_client)
schema.command("print")(interfaces.print_schema)
schema.command("check")(interfaces.check_schema)
stored.command("check")(files.check)
registered.command("register")(documents.register)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status. What the caller can mend is said in one line on standard error: status 2."""
    try:
        status = commands(arguments, prog_name="campusgraph", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        hint = f"; see `{context.command_path} --help`" if context else ""
        return _fail(error.format_message().rstrip(".") + hint)
    except RuleBroken as error:
        return _fail(": ".join([*error.field, str(error)]))
    except (ConfigurationError, DomainError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    typer.echo(f"campusgraph: {' '.join(message.split())}", err=True)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
