package replica

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup"
	"github.com/shohay/shohay/hooks/backup/depot"
	"github.com/spf13/cobra"
)

// Environment variables with the keys of a bucket.
const (
	accessVariable = "SHOHAY_S3_ACCESS_KEY"
	secretVariable = "SHOHAY_S3_SECRET_KEY"
)

// source is where a replica lies, as a command is told.
type source struct {
	from, secret string // place, file with the passphrase
}

func (s *source) flags(c *cobra.Command) {
	c.Flags().StringVar(&s.from, "from", "", "the replica: a folder, or s3://bucket/prefix?endpoint=https://…&region=… with the keys in "+accessVariable+" and "+secretVariable)
	if c.Flags().Lookup("passphrase-file") == nil {
		c.Flags().StringVar(&s.secret, "passphrase-file", "", "file with the passphrase of an encrypted replica")
	}
}

// Parse reads the place of a replica as people write it.
func Parse(from string) (depot.Depot, error) {
	if !strings.HasPrefix(from, "s3://") {
		full, err := filepath.Abs(from)
		return depot.Folder(full), err
	}
	u, err := url.Parse(from)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is no place; write it like s3://bucket/prefix?endpoint=https://s3.example.com&region=auto", from)
	}
	q := u.Query()
	b := depot.Bucket{
		Name: u.Host, Endpoint: q.Get("endpoint"), Region: q.Get("region"), PathStyle: q.Get("path_style") != "",
		AccessKey: os.Getenv(accessVariable), SecretKey: os.Getenv(secretVariable),
	}
	if p := strings.Trim(u.Path, "/"); p != "" {
		b.Prefix = p + "/"
	}
	switch {
	case b.Endpoint == "" || b.Region == "":
		return nil, fmt.Errorf("%q says neither where the storage is nor its region; write it like s3://%s%s?endpoint=https://s3.example.com&region=auto", from, u.Host, u.Path)
	case b.AccessKey == "" || b.SecretKey == "":
		return nil, fmt.Errorf("the keys of the bucket are missing: put them into %s and %s", accessVariable, secretVariable)
	}
	return b, nil
}

// open finds the replica, and asks for its passphrase if it needs one.
func (s *source) open(c *cobra.Command) (depot.Depot, string, error) {
	d, err := Parse(s.from)
	if err != nil {
		return nil, "", err
	}
	if f := c.Flags().Lookup("passphrase-file"); f != nil {
		s.secret = f.Value.String()
	}
	if _, err = openForReading(c.Context(), d, ""); errors.Is(err, ErrPassphraseWanted) {
		passphrase, err := backup.AskPassphrase(s.secret, c.InOrStdin(), c.ErrOrStderr())
		return d, passphrase, err
	}
	return d, "", err
}

// RestoreFrom adds the replica to the command that brings back a backup.
func RestoreFrom(app core.App, c *cobra.Command) *cobra.Command {
	var s source
	var at string
	s.flags(c)
	c.Flags().StringVar(&at, "at", "", "with --from: a time within the last two days, such as 2026-11-22T14:30:00+06:00")
	c.Use = "restore FILE --dir FOLDER, or restore --from REPLICA --dir FOLDER"
	c.Short = "Bring a shop back from a backup or from the replica into a new folder"
	c.Example += "\n  shohay restore --from /mnt/other/shohay --dir /srv/shohay-new"
	args, run := c.Args, c.RunE
	c.Args = func(c *cobra.Command, list []string) error {
		if s.from != "" {
			if len(list) > 0 {
				return errors.New("give either a backup's file or --from, not both")
			}
			return nil
		}
		if at != "" {
			return errors.New("--at needs --from: a backup holds one time only")
		}
		return args(c, list)
	}
	c.RunE = func(c *cobra.Command, list []string) error {
		if s.from == "" {
			return run(c, list)
		}
		var when time.Time
		if at != "" {
			var err error
			if when, err = time.Parse(time.RFC3339, at); err != nil {
				return fmt.Errorf("%q is no time; write it like 2026-11-22T14:30:00+06:00", at)
			}
		}
		d, passphrase, err := s.open(c)
		if err != nil {
			return err
		}
		back, err := Restore(c.Context(), d, passphrase, app.DataDir(), when)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "The shop is back in %s as it was on %s, with %d files.\nStart it:  shohay serve --dir %q\n",
			app.DataDir(), back.Until.Local().Format("2006-01-02 15:04:05"), back.Files, app.DataDir())
		return nil
	}
	return c
}

// StandbyCommand keeps a folder of this machine up to date from the replica.
func StandbyCommand(app core.App) *cobra.Command {
	var s source
	c := &cobra.Command{
		Use: "standby --from REPLICA --dir FOLDER", Short: "Keep this machine ready to take over from another one", Args: cobra.NoArgs,
		Long: "Keep a folder of this machine up to date from the replica that another machine writes, until it is stopped.\n" +
			"When the other machine is gone:  shohay takeover --dir FOLDER",
		RunE: func(c *cobra.Command, _ []string) error {
			if s.from == "" {
				return errors.New("say where the replica is: shohay standby --from REPLICA --dir FOLDER")
			}
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
			defer stop()
			d, passphrase, err := s.open(c)
			if err != nil {
				return err
			}
			from := s.from
			if !strings.HasPrefix(from, "s3://") {
				if from, err = filepath.Abs(from); err != nil {
					return err
				}
			}
			return Follow(ctx, d, passphrase, from, app.DataDir(), func(words string) {
				fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", time.Now().Format("2006-01-02 15:04:05"), words)
			})
		},
	}
	s.flags(c)
	return c
}

// TakeoverCommand makes a stand-by machine the shop and serves it, as serve
// does.
func TakeoverCommand(app core.App, open func() error, serve *cobra.Command) *cobra.Command {
	var s source
	var asItIs bool
	c := &cobra.Command{
		Use: "takeover --dir FOLDER", Short: "Make a stand-by machine the one that serves, and start it", Args: serve.Args,
		Long: "Make a stand-by machine the one that serves, and start it as serve does, with the same flags and domains.\n" +
			"If no standby runs for the folder, what is missing is brought from the replica first; --from tells where that is,\n" +
			"if the folder is new or the replica lies elsewhere by now.\n" +
			"The machine that wrote the replica before stops writing it when it sees this; switch it off all the same.",
		RunE: func(c *cobra.Command, domains []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
			defer stop()
			from := Source(func(was string) (depot.Depot, string, error) {
				if s.from == "" {
					s.from = was
				}
				if s.from == "" {
					return nil, "", fmt.Errorf("say where the replica is: shohay takeover --from REPLICA --dir %q", app.DataDir())
				}
				fmt.Fprintf(c.OutOrStdout(), "bringing what is missing from %s\n", s.from)
				return s.open(c)
			})
			if asItIs {
				from = nil
			}
			err := TakeOver(ctx, app.DataDir(), from)
			if stop(); err != nil {
				return err
			}
			if err := open(); err != nil {
				return err
			}
			return serve.RunE(serve, domains)
		},
	}
	s.flags(c)
	c.Flags().BoolVar(&asItIs, "as-it-is", false, "take over with what the folder holds, without asking the replica (when that is gone too)")
	c.Flags().AddFlagSet(serve.PersistentFlags())
	return c
}
