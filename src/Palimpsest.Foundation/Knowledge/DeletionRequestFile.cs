namespace Palimpsest.Foundation;

/// <summary>Deletion requests: rows of questions and answers, each with the <c>request</c> that it belongs
/// to.</summary>
public static class DeletionRequestFile
{
    /// <summary>Reads the requests in the order of their first rows.</summary>
    /// <exception cref="InputException">The file is missing or empty, a row lacks its request, question or answer, or
    /// two requests share a question.</exception>
    public static IReadOnlyList<DeletionRequest> Read(string path)
    {
        var requests = new List<(string Id, List<QuestionAnswer> Rows)>();
        var known = new Dictionary<string, List<QuestionAnswer>>(StringComparer.Ordinal);
        foreach (var row in JsonRows.Read(path))
        {
            var id = row.Text("request");
            if (!known.TryGetValue(id, out var rows))
            {
                known[id] = rows = [];
                requests.Add((id, rows));
            }

            rows.Add(QuestionAnswerFile.Row(row));
        }

        if (requests.Count == 0)
            throw new InputException($"{path}: has no row; needed is at least one.");
        RowSet.RequireDisjoint([.. requests.Select(request => new RowSet($"{path}, {request.Id}", request.Rows))]);
        return [.. requests.Select(request => new DeletionRequest(request.Id, request.Rows))];
    }
}
