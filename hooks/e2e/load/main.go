// Command load is the client of the chat benchmark, a process of its own so
// that its work is not counted as the server's: many visitors and some agents
// hold streams open, some of them write, and every delivery is timed from
// before the request to the event's arrival at the other side.
//
// It prints one line of JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json/v2"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	base     = flag.String("base", "", "address of the server")
	pid      = flag.Int("pid", 0, "process of the server, for its CPU time and memory")
	visitors = flag.Int("visitors", 1000, "visitors connected, each in a conversation of their own")
	tokens   = flag.String("agents", "", "auth tokens of the agents, separated by commas")
	rate     = flag.Float64("rate", 50, "messages a second, half of them by visitors")
	during   = flag.Duration("for", 30*time.Second, "how long")
)

// Report is what is printed.
type Report struct {
	Visitors, Agents   int
	Sent               int
	Errors             int
	AgentMissing       int // deliveries that never came
	VisitorMissing     int
	OutOfOrder         int
	AgentP50, AgentP99 float64 // ms
	VisitorP50         float64
	VisitorP99         float64
	Max                float64
	PostP50, PostP99   float64 // ms until the sender has the answer
	CPUPerMessage      float64 // ms of the server, in user and in system mode
	SystemPerMessage   float64 // ms of it in system mode: the disk and the network
	RSS, PeakRSS       float64 // MB of the server
	IdleCPU            float64 // % of a core while nobody writes
}

func main() {
	flag.Parse()
	r, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err) // a struct of numbers
	}
	fmt.Println(string(raw))
}

// samples collects durations.
type samples struct {
	mu  sync.Mutex
	all []time.Duration
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	s.all = append(s.all, d)
	s.mu.Unlock()
}

func (s *samples) quantile(q float64) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return 0
	}
	slices.Sort(s.all)
	return float64(s.all[min(int(q*float64(len(s.all))), len(s.all)-1)].Microseconds()) / 1000
}

type visitor struct{ token, conversation string }

type load struct {
	client                   *http.Client
	agents                   []string
	people                   []visitor
	toAgent, toVisitor, post samples
	errors, disorder         atomic.Int64
}

func run() (*Report, error) {
	l := &load{agents: strings.Split(*tokens, ",")}
	l.client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	if err := l.arrive(); err != nil {
		return nil, fmt.Errorf("visitors arrive: %w", err)
	}
	for _, v := range l.people {
		if err := l.listen("conversation/"+v.conversation, v.token, "outgoing", &l.toVisitor); err != nil {
			return nil, fmt.Errorf("visitor listens: %w", err)
		}
	}
	for _, token := range l.agents {
		if err := l.listen("inbox", token, "incoming", &l.toAgent); err != nil {
			return nil, fmt.Errorf("agent listens: %w", err)
		}
	}
	time.Sleep(3 * time.Second) // presence and counts have been told
	idle, _ := cpu()
	time.Sleep(3 * time.Second)
	before, systemBefore := cpu()
	idle = (before - idle) / 3

	toAgents, toVisitors := l.write()
	time.Sleep(2 * time.Second)
	used, system := cpu()
	used, system = used-before, system-systemBefore

	sent := toAgents + toVisitors
	r := &Report{
		Visitors: len(l.people), Agents: len(l.agents), Sent: sent, Errors: int(l.errors.Load()), OutOfOrder: int(l.disorder.Load()),
		AgentMissing: toAgents*len(l.agents) - len(l.toAgent.all), VisitorMissing: toVisitors - len(l.toVisitor.all),
		AgentP50: l.toAgent.quantile(.5), AgentP99: l.toAgent.quantile(.99), VisitorP50: l.toVisitor.quantile(.5), VisitorP99: l.toVisitor.quantile(.99),
		Max: max(l.toAgent.quantile(1), l.toVisitor.quantile(1)), PostP50: l.post.quantile(.5), PostP99: l.post.quantile(.99),
		CPUPerMessage:    float64(used.Microseconds()) / 1000 / float64(max(sent, 1)),
		SystemPerMessage: float64(system.Microseconds()) / 1000 / float64(max(sent, 1)), IdleCPU: idle.Seconds() * 100,
	}
	r.RSS, r.PeakRSS = memory()
	return r, nil
}

// arrive starts every visitor's conversation and has an agent take it.
func (l *load) arrive() error {
	l.people = make([]visitor, *visitors)
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	next := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range next {
				var started struct {
					Token string `json:"token"`
				}
				var sent struct {
					Conversation struct {
						ID string `json:"id"`
					} `json:"conversation"`
				}
				err := l.call("/api/chat/start", "", map[string]any{}, &started)
				if err == nil {
					err = l.call("/api/chat/messages", started.Token, map[string]any{"client_id": "arrive-message-" + strconv.Itoa(i), "text": "hello"}, &sent)
				}
				if err == nil { // answered once: from here on it has an assignee
					err = l.call("/api/desk/conversations/"+sent.Conversation.ID+"/reply", l.agents[i%len(l.agents)],
						map[string]any{"client_id": "welcome-" + strconv.Itoa(i), "kind": "reply", "text": "hi"}, nil)
				}
				if err != nil {
					once.Do(func() { failed = err })
				}
				l.people[i] = visitor{started.Token, sent.Conversation.ID}
			}
		})
	}
	for i := range l.people {
		next <- i
	}
	close(next)
	wg.Wait()
	return failed
}

// write sends messages at the rate, each at its own instant however long the
// ones before take, and returns how many went to agents and to visitors.
func (l *load) write() (toAgents, toVisitors int) {
	gap := time.Duration(float64(time.Second) / *rate)
	var wg sync.WaitGroup
	begin := time.Now()
	for i := 0; ; i++ {
		at := begin.Add(time.Duration(i) * gap)
		if at.Sub(begin) >= *during {
			break
		}
		time.Sleep(time.Until(at))
		v := l.people[rand.IntN(len(l.people))]
		path, token, body := "/api/chat/messages", v.token, map[string]any{}
		if i%2 == 0 {
			toAgents++
		} else {
			toVisitors++
			path, token = "/api/desk/conversations/"+v.conversation+"/reply", l.agents[rand.IntN(len(l.agents))]
			body["kind"] = "reply"
		}
		body["client_id"] = "load-message-" + strconv.Itoa(i)
		wg.Go(func() {
			start := time.Now()
			body["text"] = fmt.Sprintf("@%d@ When will my parcel arrive? I ordered it on Monday.", start.UnixNano())
			if err := l.call(path, token, body, nil); err != nil {
				l.errors.Add(1)
				fmt.Fprintln(os.Stderr, "load:", err)
			}
			l.post.add(time.Since(start))
		})
	}
	wg.Wait()
	return toAgents, toVisitors
}

func (l *load) call(path, token string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, *base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", token)
	res, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d: %s", path, res.StatusCode, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// listen opens a stream on a connection of its own and times the messages of
// the kind that carry their time in the text.
func (l *load) listen(topic, token, kind string, into *samples) error {
	c, err := net.Dial("tcp", strings.TrimPrefix(*base, "http://"))
	if err != nil {
		return err
	}
	fmt.Fprintf(c, "GET /api/stream?topic=%s HTTP/1.1\r\nHost: load\r\nAuthorization: %s\r\n\r\n", topic, token)
	r := bufio.NewReaderSize(c, 2048)
	status, err := r.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.Contains(status, " 200 ") {
		return errors.New(strings.TrimSpace(status))
	}
	mark := []byte(`"text":"@`)
	kindMark := []byte(`"kind":"` + kind + `"`)
	go func() {
		last := int64(0)
		var line []byte
		for {
			piece, err := r.ReadSlice('\n')
			line = append(line, piece...)
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if err != nil {
				return
			}
			switch {
			case bytes.HasPrefix(line, []byte("id: ")):
				seq, _ := strconv.ParseInt(string(bytes.TrimSpace(line[4:])), 10, 64)
				if seq <= last {
					l.disorder.Add(1)
				}
				last = seq
			case bytes.HasPrefix(line, []byte("data: ")) && bytes.Contains(line, kindMark):
				if _, rest, ok := bytes.Cut(line, mark); ok {
					stamp, _, _ := bytes.Cut(rest, []byte("@"))
					if nanos, err := strconv.ParseInt(string(stamp), 10, 64); err == nil {
						into.add(time.Since(time.Unix(0, nanos)))
					}
				}
			}
			line = line[:0]
		}
	}()
	return nil
}

// cpu is the processor time the server has used, in all and in system mode.
// The kernel counts in ticks of 10 ms.
func cpu() (all, system time.Duration) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", *pid))
	if err != nil {
		return 0, 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0, 0
	}
	user, _ := strconv.ParseInt(f[11], 10, 64)
	kernel, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+kernel) * 10 * time.Millisecond, time.Duration(kernel) * 10 * time.Millisecond
}

// memory is the server's resident memory now and at most, in MB.
func memory() (now, peak float64) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", *pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			now = kb / 1024
		case "VmHWM:":
			peak = kb / 1024
		}
	}
	return now, peak
}
