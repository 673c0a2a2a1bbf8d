"""A large body is read for somebody signed in who brings a file of people, and for nobody else."""

from io import BytesIO

from answerable.server.front import front

IMPORT = "/work/tidewick/administration/people/import/"


def test_a_large_file_of_people_reaches_the_site_and_any_other_large_body_does_not(
    people, client_for, settings
):
    key = client_for(people["administrator"]).cookies[settings.SESSION_COOKIE_NAME].value
    size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    asked = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": IMPORT,
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={key}",
        "CONTENT_LENGTH": str(size),
        "QUERY_STRING": "",
    }
    seen, said = [], []

    def site(environ, start):
        seen.append(len(environ["wsgi.input"].read()))
        return [b""]

    def start(status, headers):
        said.append(status)

    for change in ({}, {"HTTP_COOKIE": ""}, {"PATH_INFO": "/o/tidewick/en/report"}):
        front(site)({**asked, **change, "wsgi.input": BytesIO(b"x" * size)}, start)
    assert seen == [size]
    assert said == ["413 Content Too Large"] * 2
