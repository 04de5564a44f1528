using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

/// <summary>What the house asks of its code and no analyzer checks.</summary>
public sealed class StyleTests
{
    private const int MostLinesOfFile = 400;
    private const int MostLinesOfMethod = 60;
    private const int MostParameters = 6;

    private static readonly Lazy<IReadOnlyList<(string File, SyntaxNode Root)>> Sources = new(Parse);

    [Fact]
    public void No_conditional_expression_holds_another() =>
        None(root =>
            root.DescendantNodes()
                .OfType<ConditionalExpressionSyntax>()
                .Where(outer => outer.DescendantNodes().OfType<ConditionalExpressionSyntax>().Any(SameStatement(outer)))
        );

    [Fact]
    public void No_method_takes_more_than_six_parameters() =>
        None(root =>
            root.DescendantNodes()
                .OfType<BaseMethodDeclarationSyntax>()
                .Where(method => method.ParameterList.Parameters.Count(Counts) > MostParameters)
                .Where(method => !IsExempt(method))
        );

    [Fact]
    public void No_method_of_the_product_is_longer_than_sixty_lines() =>
        None(root => root.DescendantNodes().OfType<BaseMethodDeclarationSyntax>().Where(IsLong), "src");

    [Fact]
    public void No_file_is_longer_than_four_hundred_lines() =>
        None(root => root.GetText().Lines.Count > MostLinesOfFile + 1 ? [root] : []);

    private static bool Counts(ParameterSyntax parameter) =>
        !parameter.Modifiers.Any(SyntaxKind.ThisKeyword)
        && parameter.Type?.ToString() is { } type
        && type != "CancellationToken"
        && !type.StartsWith("IProgress<", StringComparison.Ordinal);

    // Rows of a theory, foreign functions, loops over addresses, where a record would cost time, and the sizes of a
    // small model in their usual order.
    private static bool IsExempt(BaseMethodDeclarationSyntax method) =>
        method
            .AttributeLists.SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString() is "Theory" or "DllImport" or "LibraryImport")
        || method.ParameterList.Parameters.Any(parameter => parameter.Type is PointerTypeSyntax)
        || method is MethodDeclarationSyntax { Identifier.Text: "TinyLlama" };

    private static bool IsLong(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line >= MostLinesOfMethod;
    }

    // A lambda within a conditional expression is read on its own.
    private static Func<SyntaxNode, bool> SameStatement(SyntaxNode outer) =>
        inner => !inner.Ancestors().TakeWhile(node => node != outer).Any(node => node is LambdaExpressionSyntax);

    private static void None(Func<SyntaxNode, IEnumerable<SyntaxNode>> faults, string folder = "")
    {
        var read = Sources.Value.Where(source => source.File.StartsWith(folder, StringComparison.Ordinal));
        var found = read.SelectMany(source =>
            faults(source.Root)
                .Select(node => $"{source.File}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}")
        );
        var lines = found.ToArray();
        Assert.True(lines.Length == 0, $"{lines.Length} places:\n{string.Join('\n', lines)}");
    }

    private static List<(string File, SyntaxNode Root)> Parse()
    {
        var sources = new List<(string, SyntaxNode)>();
        foreach (var folder in (string[])["src", "reproductions", "benchmarks", "samples", "tests", "eng"])
        {
            var root = Path.Combine(GoldenFolder.Repository, folder);
            foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(GoldenFolder.Repository, file);
                if (name.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
                    continue;
                sources.Add((name, CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot()));
            }
        }

        return sources;
    }
}
