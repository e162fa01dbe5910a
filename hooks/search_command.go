package hooks

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	boteval "github.com/shohay/shohay/hooks/bot/eval"
	"github.com/shohay/shohay/hooks/lookup"
	"github.com/shohay/shohay/hooks/search/eval"
	"github.com/shohay/shohay/hooks/search/sample"
	"github.com/spf13/cobra"
)

// SearchCommand keeps the desk's search.
func SearchCommand(app core.App) *cobra.Command {
	c := &cobra.Command{Use: "search", Short: "Keep the search over conversations"}
	listOnly(c)
	c.AddCommand(&cobra.Command{
		Use:   "rebuild",
		Short: "Make all conversations and customers searchable anew; the server may run meanwhile",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return lookup.Rebuild(c.Context(), app, func(done, of int64) {
				fmt.Printf("%d of %d messages\n", done, of)
			})
		},
	})
	return c
}

// EvalCommand measures what can be measured without a shop.
func EvalCommand() *cobra.Command {
	c := &cobra.Command{Use: "eval", Short: "Measure the search and the bot on questions whose answers are known"}
	listOnly(c)
	var entries, questions, synonyms string
	var missed bool
	s := &cobra.Command{
		Use:   "search",
		Short: "Print how often the right entry comes first, and among the first three",
		Long: "Print how often the right entry comes first, and among the first three, in %.\n" +
			"The last line is: all FIRST/FIRST-THREE\n\n" +
			"Without files it asks the questions that come with the program of its sample entries.\n" +
			"The files are JSON Lines:\n" +
			`  --entries    {"id": "refund", "language": "bn", "title": "…", "body": "…"}   texts of one id belong together` + "\n" +
			`  --questions  {"question": "…", "class": "banglish", "entries": ["refund"]}   no entries: nothing answers it` + "\n" +
			"  --synonyms   one group a line, parted by commas; none for no synonyms",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if (entries == "") != (questions == "") {
				return fmt.Errorf("--entries and --questions belong together: give both or none")
			}
			return evaluate(c.Context(), c.OutOrStdout(), entries, questions, synonyms, missed)
		},
	}
	s.Flags().StringVar(&entries, "entries", "", "file of entries")
	s.Flags().StringVar(&questions, "questions", "", "file of questions")
	s.Flags().StringVar(&synonyms, "synonyms", "", "file of synonyms (default those that come with the program)")
	s.Flags().BoolVar(&missed, "missed", false, "list the questions whose entry did not come first")
	c.AddCommand(s, botEval())
	return c
}

// botEval measures the bot on the questions that come with the program.
func botEval() *cobra.Command {
	var missed bool
	c := &cobra.Command{
		Use:   "bot",
		Short: "Print what the bot makes of questions with and without an answer",
		Long: "Print what the bot makes of questions with and without an answer in the sample entries:\n" +
			"answered rightly, the right one offered among others, handed over to a person, answered wrongly, offered others only.\n" +
			"The second table is of questions that nothing was tuned with.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			entries, err := sample.Entries()
			if err != nil {
				return err
			}
			for _, read := range []func() ([]sample.Question, error){sample.Questions, sample.Held} {
				questions, err := read()
				if err != nil {
					return err
				}
				rows, err := boteval.Measure(c.Context(), entries, questions, sample.Synonyms())
				if err != nil {
					return err
				}
				boteval.Print(c.OutOrStdout(), rows, missed)
				fmt.Fprintln(c.OutOrStdout())
			}
			return nil
		},
	}
	c.Flags().BoolVar(&missed, "missed", false, "list what went wrong")
	return c
}

func evaluate(ctx context.Context, w io.Writer, entryFile, questionFile, synonymFile string, missed bool) error {
	entries, err := sample.Entries()
	if err != nil {
		return err
	}
	questions, err := sample.Questions()
	if err != nil {
		return err
	}
	groups := sample.Synonyms()
	if entryFile != "" {
		if entries, err = readFile(entryFile, sample.ReadEntries); err != nil {
			return err
		}
		if questions, err = readFile(questionFile, sample.ReadQuestions); err != nil {
			return err
		}
	}
	switch {
	case strings.EqualFold(synonymFile, "none"):
		groups = nil
	case synonymFile != "":
		if groups, err = readFile(synonymFile, sample.ReadSynonyms); err != nil {
			return err
		}
	}
	r, err := eval.Measure(ctx, entries, questions, groups)
	if err != nil {
		return err
	}
	if entryFile == "" {
		held, err := sample.Held()
		if err != nil {
			return err
		}
		h, err := eval.Measure(ctx, entries, held, groups)
		if err != nil {
			return err
		}
		fmt.Fprint(w, "questions that nothing was tuned with: ")
		h.Print(w, missed)
		fmt.Fprintln(w)
	}
	r.Print(w, missed)
	return nil
}

func readFile[T any](name string, read func(io.Reader) (T, error)) (list T, err error) {
	f, err := os.Open(name)
	if err != nil {
		return list, err
	}
	defer f.Close()
	if list, err = read(f); err != nil {
		return list, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}
