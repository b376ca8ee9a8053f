"""Certificates made anew at every start: a CA, and one server certificate for each way of being wrong."""
import ssl
import subprocess
from pathlib import Path

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
HERE = "DNS:localhost,IP:127.0.0.1"
CONFIG = """[ca]
default_ca = faults
[faults]
dir = {folder}
new_certs_dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
default_md = sha256
policy = anything
copy_extensions = copy
unique_subject = no
[anything]
commonName = supplied
"""


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def _self_signed(folder, name, *extensions):
    _openssl("req", "-x509", *KEY, "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem",
             "-days", 30, "-subj", f"/CN=faults {name}", *(word for line in extensions for word in ("-addext", line)))


def _make_ca(folder):
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(CONFIG.format(folder=folder))
    _self_signed(folder, "ca", "keyUsage=critical,keyCertSign,cRLSign")


def _signed(folder, name, hosts, start, end):
    """`openssl ca`, since only it can date a certificate into the past."""
    request = folder / f"{name}.csr"
    _openssl("req", "-new", *KEY, "-keyout", folder / f"{name}.key", "-out", request,
             "-subj", f"/CN=faults {name}", "-addext", f"subjectAltName={hosts}")
    _openssl("ca", "-batch", "-config", folder / "ca.cnf", "-cert", folder / "ca.pem", "-keyfile", folder / "ca.key",
             "-startdate", start, "-enddate", end, "-in", request, "-out", folder / f"{name}.pem", "-notext")


def _context(folder, name, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if version:
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # without which nobody speaks 1.1 any more
    return context


def make(folder):
    """Returns (path of the CA file, {listener: SSL context})."""
    folder = Path(folder)
    _make_ca(folder)
    long_ago, past, future = "20200101000000Z", "20210101000000Z", "20491231000000Z"
    _signed(folder, "tls", HERE, long_ago, future)
    _signed(folder, "tls_expired", HERE, long_ago, past)
    _signed(folder, "tls_not_yet", HERE, "20480101000000Z", future)
    _signed(folder, "tls_wrong_host", "DNS:other.example", long_ago, future)
    _self_signed(folder, "tls_self_signed", f"subjectAltName={HERE}")
    names = [path.stem for path in folder.glob("tls*.pem")]
    contexts = {name: _context(folder, name) for name in names}
    for minor, version in enumerate((ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), 1):
        contexts[f"tls_1_{minor}"] = _context(folder, "tls", version)
    return str(folder / "ca.pem"), contexts
