"""GraphQL over HTTP: a query with its variables, and errors that come inside a success."""

from connectors.kit import Reply, Request, dig, post


def ask(query: str, **variables: str) -> Request:
    """Values travel as variables and are never written into the query."""
    return post("", {"query": query, "variables": variables})


def refusal(reply: Reply) -> str:
    """The code of the first error; without one what it says."""
    first = dig(reply.body, "errors", 0)
    code = dig(first, "extensions", "code") or dig(reply.body, "error_code")
    return str(code or dig(first, "message"))
