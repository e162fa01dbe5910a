package judge

import "testing"

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		list []Candidate
		want Verdict
		n    int
	}{
		"nothing found":        {nil, Nothing, 0},
		"not worth asking":     {[]Candidate{{0.39, 9}}, Nothing, 0},
		"worth asking":         {[]Candidate{{0.41, 9}, {0.4, 8}, {0.3, 7}}, Choice, 2},
		"three at most":        {[]Candidate{{0.5, 9}, {0.5, 8}, {0.5, 7}, {0.5, 6}}, Choice, 3},
		"sure":                 {[]Candidate{{0.6, 9}, {0.6, 7}}, Answer, 1},
		"two say the same":     {[]Candidate{{0.8, 9}, {0.79, 8.9}, {0.2, 1}}, Choice, 2},
		"the other is less so": {[]Candidate{{0.8, 9}, {0.5, 8.9}}, Answer, 1},
	} {
		if v, n := Of(c.list); v != c.want || n != c.n {
			t.Errorf("%s: %d %d", name, v, n)
		}
	}
}
