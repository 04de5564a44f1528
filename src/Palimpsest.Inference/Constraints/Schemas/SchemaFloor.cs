namespace Palimpsest.Inference;

/// <summary>Finds for every schema whether it has a finite value, and how deep and long the least one is.</summary>
internal static class SchemaFloor
{
    /// <summary>Puts the kinds of included schemas together, and lays depths and lengths.</summary>
    public static void Lay(IReadOnlyList<ValueSchema> schemas)
    {
        foreach (var (schema, nodes) in schemas.Select(schema => (schema, schema.Flatten())).ToArray())
            schema.Keep(nodes);
        var all = schemas.SelectMany(schema => schema.Nodes).Distinct().ToArray();
        // Each pass settles one level more; what nests deeper has no value anyway.
        for (var level = 0; level <= ValueSchema.MostDepth; level++)
        {
            foreach (var node in all)
                node.Depth = Math.Min(node.Depth, node.LeastDepth());

            foreach (var schema in schemas)
                schema.Depth = schema.Nodes.Select(node => node.Depth).Append(Cursor.Endless).Min();
        }

        // A container of least depth holds only what is less deep, so that one pass from the flattest on will do.
        foreach (var node in all.Where(node => node.Depth < Cursor.Endless).OrderBy(node => node.Depth))
        {
            foreach (var part in node.Parts)
                Shorten(part);
            node.LeastDepth();
            node.Shortest = node.LeastTokens();
        }

        foreach (var schema in schemas)
        {
            Shorten(schema);
            schema.Keep([.. schema.Nodes.Where(node => node.Depth <= ValueSchema.MostDepth)]);
        }
    }

    private static void Shorten(ValueSchema schema) =>
        schema.Shortest = schema
            .Nodes.Where(node => node.Depth == schema.Depth)
            .Select(node => node.Shortest)
            .Append(Cursor.Endless)
            .Min();
}
