package auth

import (
	"context"
	"errors"
	"maps"
	"net"
	"sync"
	"time"
)

// Times and sizes of a [Resolver].
const (
	keepAnswer  = 30 * time.Minute
	keepMissing = 5 * time.Minute
	keepTrouble = 30 * time.Second
	maxAnswers  = 2000
	maxTexts    = 64 << 10 // bytes of one answer that are kept
	lookupLimit = 3 * time.Second
	troubles    = 3                // lookups in a row without an answer
	rest        = 60 * time.Second // in which then nobody is asked
)

// Resolver remembers the answers to TXT lookups, asks once for what many want
// at the same time, and stops asking for a minute when nobody answers: mail
// comes in as fast without name servers as with them, only without verdicts.
type Resolver struct {
	ask func(ctx context.Context, name string) ([]string, error)
	now func() time.Time

	mu      sync.Mutex
	answers map[string]answer
	asking  map[string]*question
	failed  int
	until   time.Time // nobody is asked before
}

type answer struct {
	texts []string
	err   error
	until time.Time
}

type question struct {
	done   chan struct{}
	answer answer
}

// NewResolver remembers the answers of ask, net.DefaultResolver.LookupTXT if
// it is nil.
func NewResolver(ask func(ctx context.Context, name string) ([]string, error)) *Resolver {
	if ask == nil {
		ask = net.DefaultResolver.LookupTXT
	}
	return &Resolver{ask: ask, now: time.Now, answers: map[string]answer{}, asking: map[string]*question{}}
}

var errResting = errors.New("name servers do not answer")

// LookupTXT returns the TXT records of a name. It returns when ctx ends even
// if the lookup does not.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	r.mu.Lock()
	now := r.now()
	if a, ok := r.answers[name]; ok && now.Before(a.until) {
		r.mu.Unlock()
		return a.texts, a.err
	}
	if now.Before(r.until) {
		r.mu.Unlock()
		return nil, errResting
	}
	q := r.asking[name]
	if q == nil {
		q = &question{done: make(chan struct{})}
		r.asking[name] = q
		go r.find(name, q)
	}
	r.mu.Unlock()

	select {
	case <-q.done:
		return q.answer.texts, q.answer.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// find asks with a limit of its own: one who waits less long must not spoil
// the answer for the others.
func (r *Resolver) find(name string, q *question) {
	ctx, cancel := context.WithTimeout(context.Background(), lookupLimit)
	defer cancel()
	got := make(chan answer, 1)
	go func() {
		a := answer{err: errors.New("the lookup broke")}
		defer func() { _ = recover(); got <- a }()
		a.texts, a.err = r.ask(ctx, name)
	}()
	var a answer
	select {
	case a = <-got:
	case <-ctx.Done():
		a.err = ctx.Err()
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	var dns *net.DNSError
	size := 0
	for _, t := range a.texts {
		size += len(t)
	}
	switch {
	case a.err == nil:
		a.until = now.Add(keepAnswer)
		r.failed = 0
	case notFound(a.err, &dns):
		a.until = now.Add(keepMissing)
		r.failed = 0
	default:
		a.until = now.Add(keepTrouble)
		if r.failed++; r.failed >= troubles {
			r.until, r.failed = now.Add(rest), 0
		}
	}
	if len(r.answers) >= maxAnswers {
		maps.DeleteFunc(r.answers, func(_ string, a answer) bool { return now.After(a.until) })
	}
	for old := range r.answers {
		if len(r.answers) < maxAnswers {
			break
		}
		delete(r.answers, old)
	}
	if size <= maxTexts {
		r.answers[name] = a
	}
	delete(r.asking, name)
	q.answer = a
	close(q.done)
}
