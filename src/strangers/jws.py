"""Token vectors: those of RFC 7515's appendix, and forgeries with the very keys of this run."""

import base64
import hashlib
import hmac
import json
import subprocess
import time

import servers
from table import LeftOut, expect

PATH = "/api/training/jobs"
#: RFC 7515 appendix A.1 (HS256 by a key that is not ours), A.5 (unsecured), RFC 7519 section 6.1.
RFC_HS256 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC_NONE = "eyJhbGciOiJub25lIn0." + RFC_HS256.split(".")[1] + "."
HOSTILE_KIDS = (
    "../../../../../../dev/null",
    "/dev/null",
    "' UNION SELECT 'secret' --",
    "| sleep 5",
    "http://127.0.0.1:1/key",
    "\u0000",
    "k" * 2000,
    "${jndi:ldap://127.0.0.1:1/a}",
)


def check(server, job, work, results):
    results.section("Tokens")
    plain = [("RFC 7515 A.1, another's key", RFC_HS256, 401), ("RFC 7515 A.5, unsecured", RFC_NONE, 401)]
    _all("JWS", server, plain + _mangled(server.token), results)
    if server.secret is None:
        results.case("JWS HS256", "signed by the run", _no_secret)
        return
    _all("JWS HS256", server, _secret_vectors(server), results)
    if not results.has("openssl", "openssl"):
        results.absent("JWS RS256", ["signed by the run"])
        return
    directory = work / "run/keys"
    directory.mkdir()
    private, public = directory / "private.pem", directory / "public.pem"
    _openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(private))
    public.write_bytes(_openssl("pkey", "-in", str(private), "-pubout"))
    with servers.Own(server.jar, work / "run/rsa", public) as by_key:
        _all("JWS RS256", by_key, _key_vectors(private, public), results)


def _no_secret():
    raise LeftOut("needs a server of the run's own, for its secret")


def _all(who, server, vectors, results):
    for name, token, wanted in vectors:
        results.case(who, name, lambda: _status(server, token, wanted))


def _status(server, token, wanted):
    status, fields, body = server.request("GET", PATH, token)
    expect(status == wanted, f"{status} instead of {wanted}: {body[:100]!r}")
    if status == 401:
        challenge = fields.get("WWW-Authenticate", "")
        expect(challenge.startswith("Bearer"), f"WWW-Authenticate: {challenge}")
        expect(fields.get_content_type() == "application/problem+json", fields.get_content_type())
        expect(token not in body.decode(errors="replace"), "shows the token")


def _mangled(token):
    head, claims, signature = token.split(".")
    other = "B" if signature[0] == "A" else "A"
    return [
        ("as issued", token, 200),
        ("other signature", f"{head}.{claims}.{other}{signature[1:]}", 401),
        ("no signature", f"{head}.{claims}.", 401),
        ("two parts", f"{head}.{claims}", 401),
        ("four parts", f"{token}.AAAA", 401),
        ("empty parts", "..", 401),
        ("padding", token + "=", 401),
        ("header as none", f"{_part({'alg': 'none'})}.{claims}.{signature}", 401),
        ("shortened signature", f"{head}.{claims}.{signature[:-4]}", 401),
        ("in quotes", f'"{token}"', 401),
        ("64 KiB", "A" * 8 + "." + "A" * 8000 + ".AAAA", 401),
    ]


def _claims(**more):
    now = int(time.time())
    claims = {"sub": servers.OWNER, "iat": now, "exp": now + 600, **more}
    return {name: value for name, value in claims.items() if value is not None}


def _secret_vectors(server):
    def hs(header, claims, secret=server.secret, digest=hashlib.sha256):
        return _sign(header, claims, lambda data: hmac.new(secret.encode(), data, digest).digest())

    plain = {"alg": "HS256"}
    now = time.time()
    vectors = [
        ("A.1's form, white space inside", hs(b'{"typ":"JWT",\r\n "alg":"HS256"}', _spaced(_claims())), 200),
        ("HS384", hs({"alg": "HS384"}, _claims(), digest=hashlib.sha384), 200),
        ("HS512", hs({"alg": "HS512"}, _claims(), digest=hashlib.sha512), 200),
        ("header HS512, signed HS256", hs({"alg": "HS512"}, _claims()), 401),
        ("header HS256, signed HS512", hs(plain, _claims(), digest=hashlib.sha512), 401),
        ("header RS256, signed HS256", hs({"alg": "RS256"}, _claims()), 401),
        ("header ES256, signed HS256", hs({"alg": "ES256"}, _claims()), 401),
        ("no alg", hs({"typ": "JWT"}, _claims()), 401),
        ("alg twice", hs(b'{"alg":"none","alg":"HS256"}', json.dumps(_claims()).encode()), 401),
        ("typ of something else", hs({"alg": "HS256", "typ": "dpop+jwt"}, _claims()), 401),
        ("crit", hs({"alg": "HS256", "crit": ["exp"]}, _claims()), 401),
        ("b64 false (RFC 7797)", hs({"alg": "HS256", "b64": False, "crit": ["b64"]}, _claims()), 401),
        ("another secret", hs(plain, _claims(), secret="x" * 48), 401),
        ("an empty secret", hs(plain, _claims(), secret=""), 401),
        ("expired", hs(plain, _claims(exp=int(now) - 60)), 401),
        ("expired within the leeway", hs(plain, _claims(exp=int(now) - 5)), 200),
        ("not yet valid", hs(plain, _claims(nbf=int(now) + 300)), 401),
        ("no exp", hs(plain, _claims(exp=None)), 401),
        ("exp as text", hs(plain, _claims(exp=str(int(now) + 600))), 401),
        ("exp 1e400", hs(plain, b'{"sub":"strangers","exp":1e400}'), 401),
        ("exp negative", hs(plain, _claims(exp=-1)), 401),
        ("no sub", hs(plain, _claims(sub=None)), 401),
        ("sub empty", hs(plain, _claims(sub="")), 401),
        ("sub a number", hs(plain, _claims(sub=1)), 401),
        ("sub with a control character", hs(plain, _claims(sub="a\nb")), 401),
        ("sub too long", hs(plain, _claims(sub="a" * 256)), 401),
        ("sub twice", hs(plain, b'{"sub":"a","sub":"strangers","exp":%d}' % (now + 600)), 401),
        ("scope as an array", hs(plain, _claims(scope=["sluice:admin"])), 401),
        ("claims an array", hs(plain, b"[]"), 401),
        ("claims no JSON", hs(plain, b"{"), 401),
        ("claims nested deep", hs(plain, b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"), 401),
        ("jwk brought along", hs({"alg": "HS256", "jwk": {"kty": "oct", "k": "eA"}}, _claims(), secret="x"), 401),
        ("jku", hs({"alg": "HS256", "jku": "http://127.0.0.1:1/"}, _claims(), secret="x" * 48), 401),
    ]
    for kid in HOSTILE_KIDS:
        name = "kid " + json.dumps(kid)[:28]
        vectors.append((name + ", signed", hs({"alg": "HS256", "kid": kid}, _claims()), 200))
        vectors.append((name + ", empty secret", hs({"alg": "HS256", "kid": kid}, _claims(), secret=""), 401))
    vectors.append(("kid a number", hs({"alg": "HS256", "kid": 7}, _claims()), 401))
    return vectors


def _key_vectors(private, public):
    def rs(header, claims, digest="sha256", *more):
        return _sign(header, claims, lambda data: _openssl("dgst", "-" + digest, "-sign", str(private), *more, data=data))

    def confused(secret):
        return _sign({"alg": "HS256"}, _claims(), lambda data: hmac.new(secret, data, hashlib.sha256).digest())

    pss = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
    pem = public.read_bytes()
    der = _openssl("pkey", "-pubin", "-in", str(public), "-outform", "DER")
    signed = rs({"alg": "RS256"}, _claims())
    return [
        ("RS256", signed, 200),
        ("RS512", rs({"alg": "RS512"}, _claims(), "sha512"), 200),
        ("PS256", rs({"alg": "PS256"}, _claims(), "sha256", *pss), 200),
        ("header PS256, signed RS256", rs({"alg": "PS256"}, _claims()), 401),
        ("header RS256, signed RS512", rs({"alg": "RS256"}, _claims(), "sha512"), 401),
        ("HS256 by the public key's PEM", confused(pem), 401),
        ("HS256 by the PEM without its end of line", confused(pem.rstrip()), 401),
        ("HS256 by the public key's DER", confused(der), 401),
        ("unsecured", f"{_part({'alg': 'none'})}.{_part(_claims())}.", 401),
        ("other claims", ".".join([signed.split(".")[0], _part(_claims(sub="mallory")), signed.split(".")[2]]), 401),
        ("signature of zeros", ".".join([*signed.split(".")[:2], _encode(bytes(256))]), 401),
        ("expired", rs({"alg": "RS256"}, _claims(exp=int(time.time()) - 60)), 401),
        ("kid that leads to a file", rs({"alg": "RS256", "kid": "../../etc/passwd"}, _claims()), 200),
    ]


def _sign(header, claims, sign):
    data = f"{_part(header)}.{_part(claims)}"
    return f"{data}.{_encode(sign(data.encode()))}"


def _spaced(claims):
    return json.dumps(claims).replace(",", ",\r\n").encode()


def _part(content):
    return _encode(content if isinstance(content, bytes) else json.dumps(content).encode())


def _encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, check=True, timeout=60).stdout
