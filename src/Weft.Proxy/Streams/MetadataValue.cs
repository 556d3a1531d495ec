using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.Streams;

/// <summary>What kind of value stands in dynamic metadata.</summary>
public enum MetadataKind : byte { None, Null, Bool, Number, Text, List, Struct }

/// <summary>A value of dynamic metadata as it is read: valid until the metadata changes or is read again.</summary>
public readonly ref struct MetadataValue
{
    public MetadataKind Kind { get; init; }

    /// <summary>Of <see cref="MetadataKind.Number"/>.</summary>
    public double Number { get; init; }

    /// <summary>Of <see cref="MetadataKind.Bool"/>.</summary>
    public bool Bool { get; init; }

    /// <summary>Of <see cref="MetadataKind.Text"/>, UTF-8.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Of <see cref="MetadataKind.List"/> and <see cref="MetadataKind.Struct"/>; not to be changed.</summary>
    public Value? Tree { get; init; }
}
