"""``hospes hospital token``: give somebody a token for the gateway, for FHIR and the console.

It prints the token once and keeps its hash; a token that was lost is replaced, not found again.
"""

import secrets
import time
from pathlib import Path
from typing import Final

import click

from hospes.clients.hospital.configuration import GatewayConfiguration, gateway_directory, gateways_here
from hospes.clients.hospital.tokens import TOKEN_BYTES, Badge, Tokens, hash_of
from hospes.core import wire
from hospes.core.errors import ConfigurationError
from hospes.core.identities import MemberId, member_id
from hospes.core.messages import EMERGENCY, PURPOSES, TREATMENT
from hospes.core.moments import moment
from hospes.service.network import Network, default_directory, load_network

DAY_S: Final = 86_400
MAX_DAYS: Final = 366


@click.command()
@click.option("--practitioner", metavar="NAME", required=True, help="Whose it is; the traveller will see this name.")
@click.option("--as", "member", metavar="MEMBER", help="Which hospital; needed when several have a gateway here.")
@click.option(
    "--purpose",
    type=click.Choice([purpose for purpose in PURPOSES if purpose != EMERGENCY]),
    default=TREATMENT,
    show_default=True,
    help="What for, unless a request says break_glass.",
)
@click.option("--break-glass", is_flag=True, help="Whether they may break the glass.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=30, show_default=True, help="How long it lasts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--network", "directory", type=click.Path(path_type=Path), help="Directory of the network's files.")
def token(
    practitioner: str,
    member: str | None,
    purpose: str,
    days: int,
    directory: Path | None,
    *,
    break_glass: bool,
    as_json: bool,
) -> None:
    """Give somebody a token for the gateway.

    It is shown once. To take it back, take its line out of the gateway's tokens.json.
    """
    network = load_network(directory or default_directory())
    name = _chosen(member, network)
    secret, now = secrets.token_urlsafe(TOKEN_BYTES), time.time()
    badge = Badge(hash_of(secret), practitioner, purpose, break_glass, int(now) + days * DAY_S)
    Tokens(GatewayConfiguration(gateway_directory(network, name)).tokens_file).add(badge, now)
    if as_json:
        tree = {
            "breakGlass": break_glass,
            "member": name,
            "notAfter": str(badge.not_after),
            "practitioner": practitioner,
        }
        click.echo(wire.canonical({**tree, "purpose": purpose, "token": secret}).decode())
        return
    allowed = f"{purpose}, and break-glass" if break_glass else purpose
    click.echo(f"token of {practitioner} at {name}, for {allowed}, until {moment(badge.not_after)}; shown once:")
    click.echo(secret)


def _chosen(member: str | None, network: Network) -> MemberId:
    """Return the hospital that was named, or the only one with a gateway here."""
    here = gateways_here(network)
    if member is not None and member_id(member) in here:
        return member_id(member)
    if member is None and len(here) == 1:
        return here[0]
    choice = f"choose one with --as: {', '.join(here)}" if here else "no gateway ever ran here"
    wrong = "" if member is None else f"{member} has no gateway here; "
    raise ConfigurationError(str(network.directory), wrong + choice)
