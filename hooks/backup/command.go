package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// passphraseVariable gives restore its passphrase where nobody can type it.
const passphraseVariable = "SHOHAY_PASSPHRASE"

// Command is "backup now" and "backup list". open opens the data folder.
func Command(app core.App, room *Room, open func() error) *cobra.Command {
	c := &cobra.Command{Use: "backup", Short: "Make a backup now, or list what there is"}
	now := &cobra.Command{
		Use: "now", Short: "Write a backup to every active place, read it back, and print where it is", Args: cobra.NoArgs,
		Long: "Write a backup to every active place (see “backup_places” in the admin UI), read it back and check it, and print where it is.\nThe server may be running.",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := open(); err != nil {
				return err
			}
			return room.makeAll(c.Context(), c.OutOrStdout())
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "List the backups of every place, the newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := open(); err != nil {
				return err
			}
			return room.printAll(c.Context(), c.OutOrStdout())
		},
	}
	c.AddCommand(now, list)
	return c
}

func (room *Room) makeAll(ctx context.Context, out io.Writer) error {
	places, err := activePlaces(room.app)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		return errors.New("no place for backups is active; switch one on in the admin UI under backup_places")
	}
	var faults []error
	for _, p := range places {
		begun := room.now()
		made, err := room.Make(context.WithoutCancel(ctx), room.app, p)
		if noted := note(room.app, p.Id, begun, made, err); noted != nil {
			faults = append(faults, noted)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", p.GetString("name"), err))
		}
		if made != nil {
			fmt.Fprintf(out, "%s  %s, %d files, %d conversations, checked\n", made.Where, megabytes(made.Bytes), len(made.Files), made.Rows["conversations"])
		}
	}
	return errors.Join(faults...)
}

func (room *Room) printAll(ctx context.Context, out io.Writer) error {
	records, err := room.app.FindAllRecords("backup_places")
	if err != nil {
		return err
	}
	var faults []error
	for _, p := range wrapAll(records) {
		in, _, err := p.open(room.keys(), room.app.DataDir())
		var all []File
		if err == nil {
			all, err = in.list(ctx)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", p.GetString("name"), err))
			continue
		}
		fmt.Fprintf(out, "%s: %d\n", p.GetString("name"), len(all))
		for _, f := range newest(all) {
			fmt.Fprintf(out, "  %s  %s\n", in.Where(f.Name), megabytes(f.Bytes))
		}
	}
	return errors.Join(faults...)
}

// RestoreCommand brings a shop back. It opens no database of the folder it is
// given: there has to be none.
func RestoreCommand(app core.App) *cobra.Command {
	var secret string
	c := &cobra.Command{
		Use:   "restore FILE --dir FOLDER",
		Short: "Bring a shop back from a backup into a new folder",
		Long: "Bring a shop back from a backup into a folder that is empty or does not exist yet, and check every file on the way. " +
			"The shop that runs is not touched.\n\nThe passphrase of an encrypted backup (.age) is asked for; where nobody can type, put it into a file or into " + passphraseVariable + ".",
		Example: "  shohay restore shohay-2026-11-22T210000Z.zip --dir /srv/shohay-new\n  shohay serve --dir /srv/shohay-new",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name the backup to restore: shohay restore FILE --dir FOLDER; shohay backup list shows those there are")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			passphrase := ""
			if filepath.Ext(args[0]) == ".age" {
				var err error
				if passphrase, err = AskPassphrase(secret, c.InOrStdin(), c.ErrOrStderr()); err != nil {
					return err
				}
			}
			m, err := Restore(c.Context(), args[0], app.DataDir(), passphrase)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "The shop of %s is back in %s: %d conversations, %d messages, %d files.\nStart it:  shohay serve --dir %q\n",
				m.Created.Local().Format("2006-01-02 15:04"), app.DataDir(), m.Rows["conversations"], m.Rows["messages"], len(m.Files), app.DataDir())
			return nil
		},
	}
	c.Flags().StringVar(&secret, "passphrase-file", "", "file with the passphrase of an encrypted backup")
	return c
}

// AskPassphrase reads a passphrase from a file, the environment, or whoever
// types.
func AskPassphrase(file string, in io.Reader, ask io.Writer) (string, error) {
	if file != "" {
		raw, err := os.ReadFile(file)
		return strings.TrimRight(string(raw), "\r\n"), err
	}
	if p := os.Getenv(passphraseVariable); p != "" {
		return p, nil
	}
	fmt.Fprint(ask, "Passphrase: ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && line == "" {
		return "", errors.New("the backup is encrypted: give its passphrase with --passphrase-file")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
