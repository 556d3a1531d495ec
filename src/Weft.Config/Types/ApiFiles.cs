using Google.Protobuf.Reflection;

namespace Weft.Config.Types;

/// <summary>The generated switch from the number of a proto file to its descriptor; touching a descriptor initialises that file.</summary>
internal static partial class ApiFiles
{
    /// <summary>The descriptor of one file, together with the files it imports; null for a number that does not exist.</summary>
    internal static FileDescriptor? Get(int file) => Load(file);

    private static partial FileDescriptor? Load(int file);
}
