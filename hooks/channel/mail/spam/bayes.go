package spam

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"sync"
)

// Numbers of the classifier. Strength, deviation and the number of clues are
// those that Robinson and the SpamBayes project arrived at; the threshold is
// higher, because a wanted mail among the unwanted costs a customer.
const (
	MinExamples = 15   // of each kind, before the model says anything
	Threshold   = 0.99 // scores from here on are spam

	strength  = 0.45 // weight of not knowing a feature, in examples
	unknown   = 0.5
	deviation = 0.1 // features nearer to the middle say nothing
	maxClues  = 150
	minClues  = 6 // fewer clues are no verdict

	maxWords = 35_000        // features that a model keeps
	maxMails = 10_000        // mails it remembers having learned
	maxCount = 60_000        // from here on all counts are halved
	atOnce   = maxWords / 10 // features dropped when there are too many
)

// Model is what was learned from the mails that staff called wanted or
// unwanted. It is safe for use by several goroutines.
type Model struct {
	mu        sync.RWMutex
	ham, spam uint32 // mails learned
	clock     uint32 // increases with every mail learned
	words     map[uint32]entry
	mails     map[uint64]bool // by the number of their id; true is spam
	order     []uint64        // the same, oldest first
}

// entry counts the mails in which a feature was seen.
type entry struct {
	ham, spam uint16
	seen      uint32 // by the model's clock, when last learned
}

// New returns a model that has learned nothing.
func New() *Model {
	return &Model{words: map[uint32]entry{}, mails: map[uint64]bool{}}
}

// Learned returns how many mails of each kind the model knows.
func (m *Model) Learned() (ham, spam int) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return int(m.ham), int(m.spam)
}

// Ready says whether the model has seen enough to speak.
func (m *Model) Ready() bool {
	ham, spam := m.Learned()
	return ham >= MinExamples && spam >= MinExamples
}

// Train learns a mail, once for each id: again with the same verdict does
// nothing, with the other one the first is taken back. It says whether the
// model changed.
func (m *Model) Train(id string, f Features, spam bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := number(id)
	if was, ok := m.mails[n]; ok {
		if was == spam {
			return false
		}
		m.forget(n, f, was)
	}
	m.mails[n] = spam
	m.order = append(m.order, n)
	if len(m.order) > maxMails {
		delete(m.mails, m.order[0])
		m.order = m.order[1:]
	}
	m.clock++
	if spam {
		m.spam++
	} else {
		m.ham++
	}
	for _, w := range f {
		e := m.words[w]
		if spam {
			e.spam++
		} else {
			e.ham++
		}
		e.seen = m.clock
		m.words[w] = e
	}
	if m.ham >= maxCount || m.spam >= maxCount {
		m.halve()
	}
	if len(m.words) > maxWords {
		m.shrink()
	}
	return true
}

// Untrain takes back what was learned from a mail. f are its features as they
// were then. It says whether the model changed.
func (m *Model) Untrain(id string, f Features) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := number(id)
	was, ok := m.mails[n]
	if !ok {
		return false
	}
	m.forget(n, f, was)
	return true
}

// forget takes a mail back. A count never falls below zero, even if the mail
// reads differently today.
func (m *Model) forget(n uint64, f Features, spam bool) {
	delete(m.mails, n)
	if i := slices.Index(m.order, n); i >= 0 {
		m.order = slices.Delete(m.order, i, i+1)
	}
	less := func(c *uint16) {
		if *c > 0 {
			*c--
		}
	}
	if spam && m.spam > 0 {
		m.spam--
	} else if !spam && m.ham > 0 {
		m.ham--
	}
	for _, w := range f {
		e, ok := m.words[w]
		if !ok {
			continue
		}
		if spam {
			less(&e.spam)
		} else {
			less(&e.ham)
		}
		if e.ham == 0 && e.spam == 0 {
			delete(m.words, w)
		} else {
			m.words[w] = e
		}
	}
}

// halve makes old mails count less than new ones before a count overflows.
func (m *Model) halve() {
	m.ham, m.spam = m.ham/2, m.spam/2
	for w, e := range m.words {
		if e.ham, e.spam = e.ham/2, e.spam/2; e.ham == 0 && e.spam == 0 {
			delete(m.words, w)
		} else {
			m.words[w] = e
		}
	}
}

// shrink drops the tenth of the features that tells least: those seen in the
// fewest mails, of these the oldest.
func (m *Model) shrink() {
	type rank struct{ mails, seen, word uint32 }
	all := make([]rank, 0, len(m.words))
	for w, e := range m.words {
		all = append(all, rank{min(uint32(e.ham)+uint32(e.spam), 8), e.seen, w})
	}
	slices.SortFunc(all, func(a, b rank) int {
		return cmp.Or(cmp.Compare(a.mails, b.mails), cmp.Compare(a.seen, b.seen), cmp.Compare(a.word, b.word))
	})
	for _, r := range all[:len(all)-maxWords+atOnce] {
		delete(m.words, r.word)
	}
}

// Score says how much a mail resembles the unwanted ones, 0 to 1, and false
// while too little is known of either kind, or of this mail's words.
func (m *Model) Score(f Features) (score float64, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.ham < MinExamples || m.spam < MinExamples {
		return 0, false
	}
	var clues []float64
	for _, w := range f {
		if e, ok := m.words[w]; ok {
			if p := m.chance(e); math.Abs(p-unknown) >= deviation {
				clues = append(clues, p)
			}
		}
	}
	if len(clues) < minClues {
		return 0, false
	}
	slices.SortFunc(clues, func(a, b float64) int {
		return cmp.Or(cmp.Compare(math.Abs(b-unknown), math.Abs(a-unknown)), cmp.Compare(a, b))
	})
	if len(clues) > maxClues {
		clues = clues[:maxClues]
	}
	return combine(clues), true
}

// Spam says whether the model calls a mail spam.
func (m *Model) Spam(f Features) bool {
	score, known := m.Score(f)
	return known && score >= Threshold
}

// chance is the probability that a mail with the feature is spam (Robinson):
// what was counted, pulled towards not knowing when it was little.
func (m *Model) chance(e entry) float64 {
	bad := float64(e.spam) / float64(m.spam)
	good := float64(e.ham) / float64(m.ham)
	p := bad / (bad + good)
	n := float64(e.ham) + float64(e.spam)
	return (strength*unknown + n*p) / (strength + n)
}

// combine is Fisher's method both ways: how surprising the clues were if the
// mail was wanted, and if it was unwanted. Contradicting clues give a half.
func combine(clues []float64) float64 {
	var wanted, unwanted float64
	for _, p := range clues {
		p = min(max(p, 1e-6), 1-1e-6)
		unwanted += math.Log(1 - p)
		wanted += math.Log(p)
	}
	s := 1 - chiSquare(-2*unwanted, 2*len(clues))
	h := 1 - chiSquare(-2*wanted, 2*len(clues))
	return (1 + s - h) / 2
}

// chiSquare is the chance of a larger chi-square with that even number of
// degrees of freedom.
func chiSquare(x float64, degrees int) float64 {
	half := x / 2
	term := math.Exp(-half)
	sum := term
	for i := 1; i < degrees/2; i++ {
		term *= half / float64(i)
		sum += term
	}
	return min(sum, 1)
}

func number(id string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return h.Sum64()
}
