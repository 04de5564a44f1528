namespace Palimpsest.Cli;

/// <summary>What a command writes at a place.</summary>
internal enum OutputKind
{
    /// <summary>A folder with a model or an adapter, written whole.</summary>
    Folder,

    /// <summary>The same, or a GGUF file when the path ends so.</summary>
    FolderOrGguf,

    /// <summary>Single files in a folder that may hold others.</summary>
    FilesInFolder,

    /// <summary>One file, written anew each time.</summary>
    File,

    /// <summary>A folder that the program keeps: what is there already is used again.</summary>
    KeptFolder,
}
