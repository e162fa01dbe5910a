package installer

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/kardianos/service"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks"
)

// stopWithin is how long Stop waits for the server to end after background
// work was waited for.
const stopWithin = 5 * time.Second

// program is the server under a service manager. Start returns at once, as
// managers want it; Stop returns when everything has ended.
type program struct {
	app   core.App
	serve func() error

	ended    chan struct{} // closed when serve has returned
	mu       sync.Mutex
	stopping bool
	result   error
}

// Start begins to serve.
func (p *program) Start(s service.Service) error {
	go func() {
		err := p.run()
		p.mu.Lock()
		p.result = err
		early := !p.stopping
		p.mu.Unlock()
		close(p.ended)
		if early && !endsByItself {
			// This manager does not notice a server that ended: tell its log,
			// end the process and let it start again.
			if l, lerr := s.Logger(nil); lerr == nil && err != nil {
				_ = l.Error(err.Error())
			}
			os.Exit(1)
		}
	}()
	return nil
}

func (p *program) run() error {
	if err := hooks.OpenData(p.app); err != nil {
		return err
	}
	p.mu.Lock()
	stopping := p.stopping
	p.mu.Unlock()
	if stopping {
		return nil
	}
	return p.serve()
}

// wait returns when the manager asks to stop or the server has ended.
func (p *program) wait() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	select {
	case <-signals:
	case <-p.ended:
	}
}

// Stop ends the server, waits for background work and closes the database.
func (p *program) Stop(service.Service) error {
	p.mu.Lock()
	p.stopping = true
	p.mu.Unlock()
	_ = notify(notifyStopping) // that it stops is no less true
	event := &core.TerminateEvent{App: p.app}
	err := p.app.OnTerminate().Trigger(event, func(e *core.TerminateEvent) error { return e.App.ClearBootstrap() })
	select {
	case <-p.ended:
	case <-time.After(stopWithin):
		err = errors.Join(err, fmt.Errorf("the server did not end within %s", stopWithin))
	}
	return err
}

// err is what the server ended with.
func (p *program) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.result
}
