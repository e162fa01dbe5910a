// Package judge decides what becomes of what was found for a question: an
// answer, a choice, or neither.
package judge

import "github.com/shohay/shohay/hooks/search"

// Candidate is an article that was found, the best first.
type Candidate struct{ Sure, Score float64 }

// Verdict is one of the following.
type Verdict int

// Verdicts: nobody knows; some are worth offering; the first answers it.
const (
	Nothing Verdict = iota
	Choice
	Answer
)

// Two entries as close as this are offered as a choice, however sure the first
// is: of what it says, the other says as much.
const (
	closeScore = 0.88
	closeSure  = 0.05
	mostChosen = 3
)

// Of judges the candidates; n is how many of them are meant.
func Of(list []Candidate) (v Verdict, n int) {
	if len(list) == 0 || list[0].Sure < search.WorthAsking {
		return Nothing, 0
	}
	best := list[0]
	if best.Sure >= search.SureEnough {
		for n = 1; n < min(len(list), mostChosen) && list[n].Score >= best.Score*closeScore && list[n].Sure >= best.Sure-closeSure; n++ {
		}
		if n == 1 {
			return Answer, 1
		}
		return Choice, n
	}
	for n = 1; n < min(len(list), mostChosen) && list[n].Sure >= search.WorthAsking; n++ {
	}
	return Choice, n
}
