// Package sample holds what a shop begins with in its help centre: entries in
// Bangla and English, a list of synonyms, and questions that customers ask of
// them, for measuring the search. It reads files of the same forms.
package sample

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json/v2"
	"fmt"
	"io"
	"strings"
)

// Entry is one language's text of an entry; the texts of one entry share ID.
type Entry struct {
	ID       string `json:"id"`
	Language string `json:"language"`
	Category string `json:"category"`
	Title    string `json:"title"`
	Body     string `json:"body"`
}

// Question is what somebody asked. Any of Entries answers it; with none of
// them, nothing does.
type Question struct {
	Question string   `json:"question"`
	Class    string   `json:"class"` // bangla, banglish, english, typo, words, none
	Entries  []string `json:"entries"`
}

//go:embed entries.jsonl
var entries []byte

//go:embed questions.jsonl
var questions []byte

//go:embed held.jsonl
var held []byte

//go:embed synonyms.txt
var synonyms []byte

// Entries are the sample entries, each language's text apart.
func Entries() ([]Entry, error) { return ReadEntries(bytes.NewReader(entries)) }

// Questions are those asked of the sample entries.
func Questions() ([]Question, error) { return ReadQuestions(bytes.NewReader(questions)) }

// Held are questions of the sample entries that nothing was tuned with: they
// were written before, and tell whether what was is worth anything beyond it.
func Held() ([]Question, error) { return ReadQuestions(bytes.NewReader(held)) }

// SynonymsText is the list as an owner reads and changes it.
func SynonymsText() string { return string(synonyms) }

// Synonyms are the groups a shop begins with.
func Synonyms() [][]string {
	groups, _ := ReadSynonyms(bytes.NewReader(synonyms)) // reading from memory cannot fail
	return groups
}

// ReadEntries reads entries, one JSON object a line.
func ReadEntries(r io.Reader) (list []Entry, err error) {
	return list, lines(r, func(line []byte) error {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if e.ID == "" || e.Title+e.Body == "" {
			return fmt.Errorf("an entry needs an id, and a title or a body")
		}
		list = append(list, e)
		return nil
	})
}

// ReadQuestions reads questions, one JSON object a line.
func ReadQuestions(r io.Reader) (list []Question, err error) {
	return list, lines(r, func(line []byte) error {
		var q Question
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		if strings.TrimSpace(q.Question) == "" {
			return fmt.Errorf("a question needs words")
		}
		list = append(list, q)
		return nil
	})
}

// ReadSynonyms reads groups of synonyms: one a line, parted by commas; a line
// that begins with # is a remark.
func ReadSynonyms(r io.Reader) (groups [][]string, err error) {
	return groups, lines(r, func(line []byte) error {
		if line[0] == '#' {
			return nil
		}
		var group []string
		for w := range strings.SplitSeq(string(line), ",") {
			if w = strings.TrimSpace(w); w != "" {
				group = append(group, w)
			}
		}
		groups = append(groups, group)
		return nil
	})
}

// lines calls f with each line that is not empty; an error names its number.
func lines(r io.Reader, f func(line []byte) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 4<<20)
	for n := 1; sc.Scan(); n++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		if err := f(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return sc.Err()
}
