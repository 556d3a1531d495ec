using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Config.Types;

/// <summary>
/// Finds a message type of the API by its full name. Only the proto files that are asked for (and those they import) are initialised:
/// initialising all of them takes more than a second. Safe for use from several threads.
/// </summary>
internal static class ApiTypes
{
    private const string Prefix = "type.googleapis.com/";

    private static readonly Lazy<Dictionary<string, Entry>> Index = new(ReadIndex);
    private static readonly Lazy<Dictionary<string, string>> Successors = new(ReadSuccessors);

    /// <summary>The full names of all messages of the API, without the well-known types.</summary>
    internal static IEnumerable<string> Names => Index.Value.Keys;

    /// <summary>The type of a full name such as <c>envoy.config.listener.v3.Listener</c>; null when the API does not have it.</summary>
    internal static MessageDescriptor? Find(string fullName)
    {
        if (WellKnown(fullName) is { } known) return known;
        return Index.Value.TryGetValue(fullName, out var entry) ? FindIn(ApiFiles.Get(entry.File), entry.NameInPackage) : null;
    }

    /// <summary>True when <see cref="Find"/> would find it; initialises nothing.</summary>
    internal static bool Knows(string fullName) => Index.Value.ContainsKey(fullName) || WellKnown(fullName) is not null;

    /// <summary>The full name that a message of the v2 API has today, as the API itself declares it; null when it has none.</summary>
    internal static string? SuccessorOf(string oldName) => Successors.Value.GetValueOrDefault(oldName);

    /// <summary>The full name in a type URL: what stands behind the last slash.</summary>
    internal static string NameOf(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('/') + 1)..];

    /// <summary>The type URL of a message type, as everybody writes it.</summary>
    internal static string UrlOf(string fullName) => Prefix + fullName;

    /// <summary>An Any around a message, without touching more descriptors than that of the message.</summary>
    internal static Any Pack(IMessage message)
        => new() { TypeUrl = UrlOf(message.Descriptor.FullName), Value = message.ToByteString() };

    private static MessageDescriptor? FindIn(FileDescriptor? file, string nameInPackage)
    {
        var names = nameInPackage.Split('.');
        var type = file?.FindTypeByName<MessageDescriptor>(names[0]);
        foreach (var nested in names.AsSpan(1)) type = type?.FindDescriptor<MessageDescriptor>(nested);
        return type;
    }

    private static MessageDescriptor? WellKnown(string fullName) => fullName switch
    {
        "google.protobuf.Any" => Any.Descriptor,
        "google.protobuf.Duration" => Duration.Descriptor,
        "google.protobuf.Timestamp" => Timestamp.Descriptor,
        "google.protobuf.Empty" => Empty.Descriptor,
        "google.protobuf.FieldMask" => FieldMask.Descriptor,
        "google.protobuf.Struct" => Struct.Descriptor,
        "google.protobuf.Value" => Value.Descriptor,
        "google.protobuf.ListValue" => ListValue.Descriptor,
        "google.protobuf.BoolValue" => BoolValue.Descriptor,
        "google.protobuf.Int32Value" => Int32Value.Descriptor,
        "google.protobuf.Int64Value" => Int64Value.Descriptor,
        "google.protobuf.UInt32Value" => UInt32Value.Descriptor,
        "google.protobuf.UInt64Value" => UInt64Value.Descriptor,
        "google.protobuf.FloatValue" => FloatValue.Descriptor,
        "google.protobuf.DoubleValue" => DoubleValue.Descriptor,
        "google.protobuf.StringValue" => StringValue.Descriptor,
        "google.protobuf.BytesValue" => BytesValue.Descriptor,
        _ => null,
    };

    // The index: "<file number> <package>", then one line " <name inside the package>[ <full name before>]" per message of that file.
    private static Dictionary<string, Entry> ReadIndex()
    {
        var index = new Dictionary<string, Entry>(1300);
        var (file, package) = (0, "");
        foreach (var line in Resources.Lines("api-messages.txt"))
        {
            if (line.StartsWith(' '))
            {
                var name = line.Split(' ')[1];
                index[$"{package}.{name}"] = new Entry(file, name);
                continue;
            }

            var space = line.IndexOf(' ');
            file = int.Parse(line.AsSpan(0, space), System.Globalization.CultureInfo.InvariantCulture);
            package = line[(space + 1)..];
        }

        return index;
    }

    // Kept apart from the index: hardly any configuration asks for it.
    private static Dictionary<string, string> ReadSuccessors()
    {
        var successors = new Dictionary<string, string>();
        var package = "";
        foreach (var line in Resources.Lines("api-messages.txt"))
        {
            var words = line.Split(' ');
            if (!line.StartsWith(' ')) package = words[1];
            else if (words.Length > 2 && !words[2].EndsWith('.')) successors.TryAdd(words[2], $"{package}.{words[1]}");
        }

        return successors;
    }

    private readonly record struct Entry(int File, string NameInPackage);
}
