"""Who calls: until users exist, an address on the internet."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver


def caller_of(app: APIGatewayHttpResolver) -> str:
    """The caller of the current request, as API Gateway saw it; headers may lie, this does not."""
    return caller_name(app.current_event.request_context.http.source_ip or "")


def caller_name(source_ip: str) -> str:
    """One name for all addresses that one caller can freely choose from: an IPv6 /64 is one."""
    try:
        address: IPv4Address | IPv6Address = ip_address(source_ip)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False))
    return str(address)
