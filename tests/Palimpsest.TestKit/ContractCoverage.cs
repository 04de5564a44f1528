using System.Reflection;

namespace Palimpsest.TestKit;

/// <summary>Whether everything of a kind goes through its contract.</summary>
public static class ContractCoverage
{
    /// <summary>The types of an assembly that implement <typeparamref name="T"/> and are no subject of a
    /// contract.</summary>
    /// <typeparam name="T">An extension point.</typeparam>
    /// <param name="product">Where implementations are.</param>
    /// <param name="subjects">The types that the contracts are about.</param>
    public static IEnumerable<string> Missing<T>(Assembly product, IEnumerable<Type> subjects)
    {
        ArgumentNullException.ThrowIfNull(product);
        return Implementations<T>(product).Except(subjects).Select(type => type.Name);
    }

    /// <summary>The classes of an assembly that implement <typeparamref name="T"/>, nested and internal ones
    /// too.</summary>
    public static IEnumerable<Type> Implementations<T>(Assembly product)
    {
        ArgumentNullException.ThrowIfNull(product);
        return product.GetTypes().Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(T)));
    }
}
