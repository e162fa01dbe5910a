package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shohay/shohay/hooks/hookstest"
)

// keptFile notes the body of a kept file and the names of all caches. One look at
// a time: many at once would keep the worker from writing.
const keptFile = `(globalThis.__looking ??= (async () => {
	try {
		const names = await caches.keys();
		const all = (await Promise.all(names.map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat();
		globalThis.__kept = { names, api: all.filter((p) => p.startsWith("/api/")).length, files: all.length, help: await (await caches.match("/desk/help.js"))?.text() ?? "" };
	} finally {
		setTimeout(() => { globalThis.__looking = null; }, 500);
	}
})())`

// With the line cut the desk opens and says so; after an upgrade the new files
// are there, on line and off, and no old ones.
func TestTheDeskOpensWithoutALineAndIsNeverOld(t *testing.T) {
	s := prepare(t, 1, nil)
	home := t.TempDir()
	exe := filepath.Join(home, filepath.Base(built(t)))
	raw, err := os.ReadFile(built(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, raw, 0o700); err != nil {
		t.Fatal(err)
	}
	prog := newProgram(t, s.dir)
	prog.exe = exe
	prog.start()
	prog.await()
	net := newWire(t, prog.addr)
	p := desk(t, chromium(t), net.base(), "agent0@shop.test", hookstest.Password)
	p.until("the worker to hold the page", `navigator.serviceWorker.controller`)
	p.js(keptFile, nil)
	p.until("the desk's files", `globalThis.__kept`)
	var kept struct {
		Names []string `json:"names"`
		API   int      `json:"api"`
		Files int      `json:"files"`
	}
	p.js(`globalThis.__kept`, &kept)
	if len(kept.Names) != 1 || kept.API != 0 || kept.Files < 40 {
		t.Errorf("kept: %+v", kept)
	}

	net.cut()
	p.reload()
	p.until("the desk's frame without a line", `document.querySelector(".frame .views .view") && document.querySelector(".frame [role=status]")`)
	var said string
	p.js(`document.querySelector(".frame").innerText`, &said)
	if !strings.Contains(said, "Unassigned") || strings.Contains(said, "desk.") {
		t.Errorf("the frame says %q", said)
	}
	net.mend()
	p.js(`window.dispatchEvent(new Event("online"))`, nil)
	p.until("the desk", `document.querySelector("desk-app .rows")`)

	// An upgrade.
	dir := filepath.Join(home, "pb_public", "desk")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	help, err := os.ReadFile(filepath.Join(root(), "pb_public", "desk", "help.js"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "help.js"), append(help, "\n// the next version\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	prog.stop()
	prog.start()
	prog.await()
	p.goTo(net.base() + "/desk/?next")
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		var state string
		p.js(`navigator.serviceWorker.getRegistration("/desk/").then((r) => { globalThis.__state = ["installing", "waiting", "active"].map((w) => w + ": " + r?.[w]?.state).join(", "); })`, nil)
		p.until("the registration", `globalThis.__state`)
		p.js(`globalThis.__state + " " + JSON.stringify({ ...globalThis.__kept, help: globalThis.__kept?.help.slice(-30) })`, &state)
		t.Log("the worker: ", state)
	})
	p.until("the new version to be kept alone", `(`+keptFile+`, globalThis.__kept?.names.length === 1 && globalThis.__kept.help.includes("the next version"))`)
	var now []string
	p.js(`globalThis.__kept.names`, &now)
	if now[0] == kept.Names[0] {
		t.Errorf("the new version has the old one's name, %s", now[0])
	}
	net.cut()
	p.reload()
	p.until("the frame again", `document.querySelector(".frame [role=status]")`)
	var text string
	p.js(`fetch("/desk/help.js").then((r) => r.text()).then((text) => { globalThis.__text = text; })`, nil)
	p.until("the kept file", `globalThis.__text`)
	p.js(`globalThis.__text.slice(-40)`, &text)
	if !strings.HasSuffix(text, "// the next version\n") {
		t.Errorf("without a line the file ends with %q", text)
	}
}
