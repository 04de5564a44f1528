using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Palimpsest.Cli;

/// <summary>The documentation of properties and types, from the XML file beside their assembly.</summary>
public static partial class XmlSummary
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, string>> Files = new();

    /// <summary>The summary as one line of text; empty when there is no documentation file.</summary>
    public static string Of(PropertyInfo property) =>
        Files
            .GetOrAdd(property.DeclaringType!.Assembly, Read)
            .GetValueOrDefault($"P:{property.DeclaringType.FullName}.{property.Name}", "");

    /// <summary>The same of a type.</summary>
    public static string Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Files.GetOrAdd(type.Assembly, Read).GetValueOrDefault($"T:{type.FullName}", "");
    }

    private static Dictionary<string, string> Read(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        return File.Exists(path)
            ? XDocument.Load(path).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!, Text)
            : [];
    }

    private static string Text(XElement member)
    {
        var parts = member
            .Element("summary")
            ?.Nodes()
            .Select(node =>
                node switch
                {
                    XElement { Name.LocalName: "see" } see => Reference(see),
                    XElement element => element.Value,
                    _ => node.ToString(),
                }
            );
        return Spaces().Replace(string.Concat(parts ?? []), " ").Trim();
    }

    // A property is named as the option that sets it, a value of a list as it is typed.
    private static string Reference(XElement see)
    {
        if ((string?)see.Attribute("cref") is not { } member)
            return (string?)see.Attribute("langword") ?? see.Value;
        var name = member.Split('.')[^1];
        return member[0] switch
        {
            'P' => $"--{OptionBinder.Kebab(name)}",
            'F' => OptionBinder.Kebab(name),
            _ => name,
        };
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
