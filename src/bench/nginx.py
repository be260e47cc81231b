"""Debian's nginx: what a static file can be delivered with at best, and how it is commonly put before an application."""

import os
import subprocess

import load
import machine
import processes

OFF, ON = "nginx nopush=off", "nginx nopush=on"
AUTHORIZED = "nginx + auth_request"


class Nginx:
    """Static files with tcp_nopush off and on, plain and TLS, and behind an authorization; each on a port of its own."""

    VARIANTS = (OFF, ON)

    def __init__(self, directory, root, certificate, key, sluice_port, owned_path):
        """Whoever wants a file on the authorized port is asked for a token that may see the owned path, at Sluice."""
        self.directory = directory
        self.root = root
        self.directory.mkdir(parents=True)
        self.ports = {(variant, tls): processes.free_port() for variant in self.VARIANTS for tls in (False, True)}
        self.ports[AUTHORIZED, False] = processes.free_port()
        configuration = directory / "nginx.conf"
        configuration.write_text(self._configuration(certificate, key, sluice_port, owned_path))
        self.process = processes.start(
            ["nginx", "-p", str(directory), "-c", str(configuration), "-e", str(directory / "error.log")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        for port in self.ports.values():
            processes.await_port(port, self.process, "nginx")

    def _configuration(self, certificate, key, sluice_port, owned_path):
        hosts = "".join(
            f"""
  server {{
    listen 127.0.0.1:{self.ports[variant, tls]}{" ssl" if tls else ""} backlog=4096;
    tcp_nopush {variant.rpartition("=")[2]};
    root {self.root};
  }}"""
            for variant in self.VARIANTS
            for tls in (False, True)
        )
        temporary = "".join(
            f"  {kind}_temp_path {self.directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return f"""{"user root;" if os.geteuid() == 0 else ""}
daemon off;
pid {self.directory}/nginx.pid;
worker_processes auto;
worker_rlimit_nofile {machine.descriptor_limit()};
events {{ worker_connections 20000; }}
http {{
{temporary}  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  ssl_certificate {certificate};
  ssl_certificate_key {key};{hosts}
  upstream sluice {{
    server 127.0.0.1:{sluice_port};
    keepalive 256;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{self.ports[AUTHORIZED, False]} backlog=4096;
    root {self.root};
    location / {{ auth_request /authorized; }}
    # A HEAD has no body, which nginx would not read, and close the connection for.
    location = /authorized {{
      internal;
      proxy_pass http://sluice{owned_path};
      proxy_method HEAD;
      proxy_pass_request_body off;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header Range "";
    }}
  }}
}}
"""

    def target(self, variant, tls=False):
        return load.Target("127.0.0.1", self.ports[variant, tls], tls)

    def roots(self):
        return [self.process.pid]

    def stop(self):
        processes.end(self.process)
