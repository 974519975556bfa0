"""The database's connection string, from its secret.

Apart from the other clients: functions that have no database import no driver.
"""

from psycopg.conninfo import make_conninfo

from oof.bootstrap.clients import read_secret


def database_dsn(arn: str, *, host: str = "") -> str:
    """Return the connection string that a database secret holds, in our shape or that of RDS.

    `host`, where given, is the proxy in front of the one that the RDS secret names.
    """
    secret = read_secret(arn)
    if "dsn" in secret:
        return str(secret["dsn"])
    return make_conninfo(
        host=host or secret["host"],
        port=secret["port"],
        user=secret["username"],
        password=secret["password"],
        dbname=secret["dbname"],
        sslmode="require",
    )
