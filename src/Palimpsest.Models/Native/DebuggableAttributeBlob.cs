using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Palimpsest.Models;

/// <summary>The bytes of a managed library that tell the just-in-time compiler whether it may optimise.</summary>
internal static class DebuggableAttributeBlob
{
    /// <summary>Code as in a debug build: every argument of a method is alive until the method returns.</summary>
    public const DebuggableAttribute.DebuggingModes Unoptimized =
        DebuggableAttribute.DebuggingModes.Default
        | DebuggableAttribute.DebuggingModes.IgnoreSymbolStoreSequencePoints
        | DebuggableAttribute.DebuggingModes.DisableOptimizations;

    /// <summary>Offset in the file of the attribute's <see cref="DebuggableAttribute.DebuggingModes"/>, int32; −1 when
    /// it has none.</summary>
    public static int FindModes(byte[] file)
    {
        using var portable = new PEReader(new MemoryStream(file, writable: false));
        if (!portable.HasMetadata)
            return -1;
        var metadata = portable.GetMetadataReader();
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            // Prolog 1 (uint16), the modes (int32), no named argument (uint16); one byte of length stands before.
            if (IsDebuggable(metadata, attribute) && metadata.GetBlobReader(attribute.Value).Length == 8)
            {
                return portable.PEHeaders.MetadataStartOffset
                    + metadata.GetHeapMetadataOffset(HeapIndex.Blob)
                    + MetadataTokens.GetHeapOffset(attribute.Value)
                    + 1
                    + sizeof(ushort);
            }
        }

        return -1;
    }

    private static bool IsDebuggable(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return false;
        var parent = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        return parent.Kind == HandleKind.TypeReference
            && metadata.StringComparer.Equals(
                metadata.GetTypeReference((TypeReferenceHandle)parent).Name,
                nameof(DebuggableAttribute)
            );
    }
}
