package mailtest

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"testing"
)

// aloneEnv makes a test's executable an IMAP server instead.
const aloneEnv = "SHOHAY_MAILTEST_IMAP"

// failing fails as a program does.
type failing struct{ testing.TB }

func (failing) Helper()           {}
func (failing) Cleanup(func())    {}
func (failing) Fatal(args ...any) { log.Fatal(args...) }

// ServeAlone is to be called first in TestMain. In a process that [NewAlone]
// began it is the server, and does not return.
func ServeAlone() {
	if os.Getenv(aloneEnv) == "" {
		return
	}
	s := NewIMAP(failing{})
	fmt.Println(s.Port)
	for in := gob.NewDecoder(os.Stdin); ; {
		var raws []string
		switch err := in.Decode(&raws); {
		case errors.Is(err, io.EOF):
			os.Exit(0)
		case err != nil:
			log.Fatal(err)
		}
		if len(raws) == 0 {
			s.Restart()
		} else {
			s.Stop()
			for _, raw := range raws {
				s.Put(raw)
			}
		}
		fmt.Println(len(raws))
	}
}

// Alone is an IMAP server in a process of its own, so that what it uses of the
// processor is not taken for the program's.
type Alone struct {
	Port int

	tb  testing.TB
	in  *gob.Encoder
	out io.Reader
}

// NewAlone starts one; it ends with the test.
func NewAlone(tb testing.TB) *Alone {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), aloneEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			tb.Error("the mail server: ", err)
		}
	})
	s := &Alone{tb: tb, in: gob.NewEncoder(in), out: out}
	s.Port = s.answer()
	return s
}

func (s *Alone) answer() (n int) {
	s.tb.Helper()
	if _, err := fmt.Fscan(s.out, &n); err != nil {
		s.tb.Fatal("the mail server says nothing: ", err)
	}
	return n
}

// Fill cuts every line and delivers mails.
func (s *Alone) Fill(raws []string) {
	s.tb.Helper()
	if err := s.in.Encode(raws); err != nil {
		s.tb.Fatal(err)
	}
	s.answer()
}

// Restart lets itself be reached again.
func (s *Alone) Restart() { s.Fill(nil) }
