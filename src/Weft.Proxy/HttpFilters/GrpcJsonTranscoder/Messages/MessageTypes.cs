using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;

/// <summary>A descriptor set: the services and messages of a gRPC API by their full names. Immutable; any thread.</summary>
internal sealed class MessageTypes
{
    private readonly Dictionary<string, MessageDescriptor> _messages = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Message, string Name), FieldDescriptor> _jsonNames = [];
    private readonly Dictionary<string, ServiceDescriptor> _services = new(StringComparer.Ordinal);

    private MessageTypes(IEnumerable<FileDescriptor> files)
    {
        foreach (var file in files)
        {
            foreach (var service in file.Services) _services.TryAdd(service.FullName, service);
            foreach (var message in file.MessageTypes) Add(message);
        }
    }

    /// <summary>Reads a FileDescriptorSet, as protoc writes it; null when it cannot be used.</summary>
    public static MessageTypes? Read(byte[] set)
    {
        try
        {
            var files = FileDescriptorSet.Parser.ParseFrom(set).File.Select(static file => file.ToByteString());
            return new MessageTypes(FileDescriptor.BuildFromByteStrings(files, new ExtensionRegistry { Google.Api.AnnotationsExtensions.Http }));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or ArgumentException or DescriptorValidationException or InvalidOperationException)
        {
            return null;
        }
    }

    public ServiceDescriptor? FindService(string name) => _services.GetValueOrDefault(name);

    /// <summary>The message of a type URL, or of a full name.</summary>
    public MessageDescriptor? FindMessage(string typeUrl) => _messages.GetValueOrDefault(typeUrl[(typeUrl.LastIndexOf('/') + 1)..]);

    /// <summary>The field of a name as the .proto has it, or as JSON has it.</summary>
    public FieldDescriptor? FindField(MessageDescriptor message, string name) =>
        message.FindFieldByName(name) ?? _jsonNames.GetValueOrDefault((message.FullName, name));

    private void Add(MessageDescriptor message)
    {
        _messages.TryAdd(message.FullName, message);
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            if (field.JsonName != field.Name) _jsonNames.TryAdd((message.FullName, field.JsonName), field);
        }

        foreach (var nested in message.NestedTypes) Add(nested);
    }
}
