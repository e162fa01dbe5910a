package whole

import (
	"context"

	"github.com/pocketbase/dbx"
)

// All reads every row into a list of structs, which it replaces. With an error
// the list stays as it was.
func All[T any](ctx context.Context, q *dbx.Query, list *[]T) error {
	return read(ctx, q, list, func(rows *dbx.Rows, v *T) error { return rows.ScanStruct(v) })
}

// Column reads the only column of every row into a list, which it replaces.
// With an error the list stays as it was.
func Column[T any](ctx context.Context, q *dbx.Query, list *[]T) error {
	return read(ctx, q, list, func(rows *dbx.Rows, v *T) error { return rows.Scan(v) })
}

func read[T any](ctx context.Context, q *dbx.Query, list *[]T, scan func(*dbx.Rows, *T) error) error {
	rows, err := q.WithContext(ctx).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		var v T
		if err := scan(rows, &v); err != nil {
			return err
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil { // the driver may take being stopped for the end
		return err
	}
	*list = all
	return nil
}
