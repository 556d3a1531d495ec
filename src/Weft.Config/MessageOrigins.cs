using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Config.Binding;

namespace Weft.Config;

/// <summary>
/// Where each bound message came from: its position, those of its fields, its path, and the message that was bound inside each Any.
/// Messages are known by reference, so a clone has no origin. Main thread only.
/// </summary>
public sealed class MessageOrigins
{
    private readonly Dictionary<IMessage, Origin> _origins = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Any, IMessage> _inner = new(ReferenceEqualityComparer.Instance);

    // Trees that came as bytes: the paths in them are only worked out when one is asked for, which is when something is wrong.
    private readonly List<(IMessage Root, FieldPath Path)> _trees = [];
    private bool _isWorkedOut;

    /// <summary>The position of a field's name, or of the message when no field is given or the field is not in the file; null when unknown.</summary>
    public SourcePosition? PositionOf(IMessage message, string? field = null)
    {
        if (!_origins.TryGetValue(message, out var origin)) return null;
        if (field is null) return origin.Position;
        var name = FirstStep(field);
        // Of a text merged over another, the last one has set it.
        var last = origin.Marks?.FindLastIndex(m => m.Field == name) ?? -1;
        return last < 0 ? origin.Position : origin.Marks![last].Position;
    }

    /// <summary>The path from the root to the message, or to its field; the field alone when the message is unknown.</summary>
    public string PathOf(IMessage message, string? field = null)
    {
        var path = FindPath(message) ?? FieldPath.Root;
        return (field is null ? path : path.Field(field)).ToString();
    }

    /// <summary>The message that was bound inside an Any; null when the Any did not come from text or from a checked message.</summary>
    public IMessage? Inner(Any any) => _inner.GetValueOrDefault(any);

    internal void Record(IMessage message, FieldPath path, SourcePosition? position)
    {
        if (!_origins.ContainsKey(message)) _origins.Add(message, new Origin(path, position));
    }

    /// <summary>Remembers a message that was put in a field, if it is known where that stands.</summary>
    internal void RecordField(IMessage message, string field, IMessage value)
    {
        if (Find(message) is { } origin) Record(value, origin.Path.Field(field), origin.Position);
    }

    /// <summary>Remembers what is in an Any; it has the path and the position of the Any, if that has them.</summary>
    internal void RecordInner(Any any, IMessage inner)
    {
        _inner[any] = inner;
        if (Find(any) is not { } origin) return;
        Record(inner, origin.Path, origin.Position);
        if (_isWorkedOut) OriginWalk.Record(this, inner, origin.Path);
    }

    /// <summary>True for what an Any holds.</summary>
    internal bool IsInner(IMessage message)
    {
        foreach (var inner in _inner.Values)
            if (ReferenceEquals(inner, message)) return true;
        return false;
    }

    /// <summary>Some bytes were more than the fields of the API account for.</summary>
    internal bool MayHaveUnknownFields { get; set; }

    /// <summary>Adds a message that came as bytes, with all that is inside of it.</summary>
    internal void AddTree(IMessage root, FieldPath path) => _trees.Add((root, path));

    /// <summary>Remembers where a field was named; <paramref name="failed"/> when its value could not be used.</summary>
    internal void Mark(IMessage message, string field, SourcePosition position, bool failed = false)
    {
        if (_origins.TryGetValue(message, out var origin)) (origin.Marks ??= []).Add(new FieldMark(field, position, failed));
    }

    internal FieldPath? FindPath(IMessage message)
    {
        if (Find(message) is not null || _trees.Count == 0) return Find(message)?.Path;
        foreach (var (root, path) in _trees) OriginWalk.Record(this, root, path);
        _trees.Clear();
        _isWorkedOut = true;
        return Find(message)?.Path;
    }

    /// <summary>True when the field (or the one that a path such as <c>names[2]</c> begins with) was meant to be set, but its fault has already been reported.</summary>
    internal bool HasFailed(IMessage message, string field)
        => Find(message)?.Marks?.Exists(m => m.Failed && m.Field == FirstStep(field)) ?? false;

    private Origin? Find(IMessage message) => _origins.GetValueOrDefault(message);

    // "cluster_names[2]" and "a.b" stand where "cluster_names" and "a" stand.
    private static string FirstStep(string field)
    {
        var end = field.AsSpan().IndexOfAny('[', '.');
        return end < 0 ? field : field[..end];
    }

    private sealed class Origin(FieldPath path, SourcePosition? position)
    {
        internal FieldPath Path { get; } = path;
        internal SourcePosition? Position { get; } = position;
        internal List<FieldMark>? Marks { get; set; }
    }

    private readonly record struct FieldMark(string Field, SourcePosition Position, bool Failed);
}
