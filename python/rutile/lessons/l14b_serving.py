"""From a trained model to a served one: a file, a server in thirty lines, a client, latency and throughput."""

import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rutile as rt
from rutile import datasets, lessons, nn
from rutile.nn import functional as F


def make() -> nn.Sequential:
    """[N, 64] pixels of 0 to 1 to [N, 10] logits."""
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))


def serve(model: nn.Module) -> ThreadingHTTPServer:
    """A server on a free port of this machine: POST a JSON list of images, get digits and probabilities."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                images = rt.tensor(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                if images.dim() != 2 or images.shape[1] != 64:
                    raise ValueError(f"expected a list of lists of 64 pixels, got shape {list(images.shape)}")
                with rt.no_grad():  # per request: each runs in a thread of its own
                    likely = F.softmax(model(images.float()), 1)
                answer = {"digits": likely.argmax(1).tolist(), "probabilities": likely.max(1).values.tolist()}
                status = 200
            except (ValueError, TypeError, RuntimeError) as error:  # what the client did wrong, said to the client
                answer, status = {"error": str(error)}, 400
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: the lesson prints for itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def ask(url: str, images: list[list[float]]) -> dict[str, Any]:
    """What the server answers, an error too."""
    request = urllib.request.Request(url, json.dumps(images).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    return answer


def main(lesson: lessons.Lesson) -> dict[str, Any]:
    digits, tests = datasets.Digits(), datasets.Digits(train=False)
    x, test = (part.data.flatten(1).float() / part.peak for part in (digits, tests))

    lesson.heading("Train, save, load")
    model = make()
    optimizer = rt.optim.Adam(model.parameters(), lr=3e-3)
    for _ in lesson.track(range(lesson.pick(40, 15)), "training"):
        for batch in rt.randperm(len(x)).split(64):
            loss = F.cross_entropy(model(x[batch]), digits.targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()  # without it dropout would go on, and answers would differ from call to call
    with rt.no_grad():
        own = model(test)
    found: dict[str, Any] = {"accuracy": (own.argmax(1) == tests.targets).float().mean().item()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "digits.pt"
        rt.save(model.state_dict(), path)
        loaded = make()
        loaded.load_state_dict(rt.load(path))
        size = path.stat().st_size
    loaded.eval()
    with rt.no_grad():
        found["reloaded"] = (loaded(test) - own).abs().max().item()
    lesson.say("test accuracy {accuracy:.1%}; the file has {size:,} bytes; logits after loading differ by {e:.0e}",
               accuracy=found["accuracy"], size=size, e=found["reloaded"])  # fmt: skip

    lesson.heading("Serve and ask")
    server = serve(loaded)
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        answer = ask(url, test.tolist())
        found["served"] = answer["digits"] == own.argmax(1).tolist()
        lesson.say("{count} digits asked for over HTTP: the same answers as the model's own: {same}",
                   count=len(test), same=found["served"])  # fmt: skip
        found["error"] = ask(url, [[0.0, 1.0]])["error"]
        lesson.say("a wrong request is answered by: {error}", error=found["error"])
        requests = {size: test[:size].tolist() for size in (1, 4, 16, 64, 256)}
        times: dict[int, list[float]] = {size: [] for size in requests}
        for _ in lesson.track(range(lesson.pick(60, 10)), "asking"):  # by turns: a busy moment strikes all sizes alike
            for size, images in requests.items():
                times[size].append(seconds(url, images))
    finally:
        server.shutdown()
        server.server_close()

    lesson.heading("Latency and throughput")
    middle = {size: 1e3 * sorted(rounds)[len(rounds) // 2] for size, rounds in times.items()}
    slow = {size: 1e3 * sorted(rounds)[len(rounds) * 9 // 10] for size, rounds in times.items()}
    found["throughput"] = {size: size / value * 1e3 for size, value in middle.items()}
    lesson.table(
        ["images a request", "median (ms)", "90 % within (ms)", "images a second"],
        [(n, f"{middle[n]:.2f}", f"{slow[n]:.2f}", f"{found['throughput'][n]:,.0f}") for n in times],
    )
    with lesson.picture("batches", 1, 2, size=(10, 3.8)) as (left, right):
        left.loglog(list(middle), list(middle.values()), marker="o", label="median")
        left.loglog(list(slow), list(slow.values()), marker="s", label="90 % within")
        left.set(xlabel="images a request", ylabel="time of a request (ms)", title="latency")
        left.legend()
        right.loglog(list(middle), list(found["throughput"].values()), marker="o")
        right.set(xlabel="images a request", ylabel="images a second", title="throughput")
        for axis in (left, right):
            axis.set_xticks(list(middle), labels=list(map(str, middle)))
            axis.set_xticks([], minor=True)
    return found


def seconds(url: str, images: list[list[float]]) -> float:
    began = time.perf_counter()
    ask(url, images)
    return time.perf_counter() - began


if __name__ == "__main__":
    lessons.script(main)
